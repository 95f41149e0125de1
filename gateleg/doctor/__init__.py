"""What an account needs before a template can be deployed and launched: what `gateleg doctor` tells. It knows template JSON alone."""
