"""Two routes: one for programs with an AWS identity, one for people who signed in."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver()


@app.get("/report", security=[{"aws": []}])
def report() -> dict[str, str]:
    """Say which AWS identity signed the request."""
    return {"asked by": app.current_event.request_context.identity.user_arn or ""}


@app.get("/me", security=[{"people": []}])
def me() -> dict[str, str]:
    """Say who signed in."""
    return {"name": app.current_event.request_context.authorizer.claims["cognito:username"]}
