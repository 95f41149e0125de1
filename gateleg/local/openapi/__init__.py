"""Reading an OpenAPI body of API Gateway: routes, authorizers, models, gateway responses.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""
