"""What API Gateway makes of requests and answers: headers, statuses, bodies.

An integration response is chosen by SageMaker's status; the one without a pattern is for every other status, so that
nothing but a 200 is ever passed on as a prediction. Sources: PutIntegrationResponse (selectionPattern), the errors of
InvokeEndpoint in the SageMaker runtime API.
"""

import json
from dataclasses import dataclass, field

VARIANT_HEADER = "X-Amzn-SageMaker-Target-Variant"
INVOKED_VARIANT_HEADER = "x-Amzn-Invoked-Production-Variant"

# Headers of the request that reach the model: only such as are part of the gateway's cache key.
FORWARDED_HEADERS = (
    "Content-Type",
    "Accept",
    "X-Amzn-SageMaker-Custom-Attributes",
    "X-Amzn-SageMaker-Enable-Explanations",
    "X-Amzn-SageMaker-Target-Container-Hostname",
    "X-Amzn-SageMaker-Target-Model",
)
REQUIRED_HEADERS = ("Content-Type",)  # without it API Gateway would take anything for JSON
REQUEST_TEMPLATE = "$input.body"

# Without bodies and without the API key. A value that is missing is written as "-", so numbers are quoted as well.
ACCESS_LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTimeEpoch",
        "sourceIp": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "status": "$context.status",
        "error": "$context.error.responseType",
        "responseBytes": "$context.responseLength",
        "latencyMs": "$context.responseLatency",
        "integrationStatus": "$context.integration.status",
        "integrationLatencyMs": "$context.integration.latency",
        "traceId": "$context.xrayTraceId",
    }
)

_RETRY_AFTER_SECONDS = "1"
_BUSY = "The model's endpoint has no capacity left; try again later."


def _body(message: str) -> str:
    return json.dumps({"message": message})


@dataclass(frozen=True)
class Answer:
    """How one status is answered. `headers`: name -> integration.response.header.<name>, or a literal in quotes."""

    status: str
    pattern: str | None
    headers: dict[str, str]
    template: str | None = None


@dataclass(frozen=True)
class GatewayError:
    """How API Gateway itself answers an error; the other errors keep its own JSON {"message": ...}."""

    status: str
    template: str
    headers: dict[str, str] = field(default_factory=dict)


_JSON = {"Content-Type": "'application/json'"}
_RETRY = {"Retry-After": f"'{_RETRY_AFTER_SECONDS}'"}
_RETRY_QUOTA = {"Retry-After": "'3600'"}

# SageMaker throttles with 400 and a message of null, and refuses with 400 and a real one; a missing field is null or
# empty here, and VTL does not set a variable to null.
_REFUSED_OR_BUSY = (
    "#set($lower = $input.path('$.message'))#set($upper = $input.path('$.Message'))#set($body = $input.json('$'))"
    "#set($refused = false)"
    "#if(($lower && $lower != '') || ($upper && $upper != ''))#set($refused = true)#end"
    "#if($body.contains('hrottl') || $body.contains('Rate exceeded'))#set($refused = false)#end"
    "#if($refused)"
    + _body("SageMaker refused the request as not valid.")
    + "#else#set($context.responseOverride.status = 429)"
    + f"#set($context.responseOverride.header.Retry-After = '{_RETRY_AFTER_SECONDS}')"
    + _body(_BUSY)
    + "#end"
)

ANSWERS = (
    Answer(
        "200",
        "200",
        {
            "Content-Type": "integration.response.header.Content-Type",
            INVOKED_VARIANT_HEADER: f"integration.response.header.{INVOKED_VARIANT_HEADER}",
        },
    ),
    Answer("400", "400", _JSON, _REFUSED_OR_BUSY),
    Answer("413", "413", _JSON, _body("The request is larger than SageMaker takes.")),
    Answer("429", "429", {**_JSON, **_RETRY}, _body(_BUSY)),
    Answer("502", None, _JSON, _body("The model failed; its log in CloudWatch tells why.")),
    Answer("503", "503", _JSON, _body("SageMaker is not available; try again later.")),
)

GATEWAY_ERRORS = {
    "INTEGRATION_FAILURE": GatewayError("502", _body("SageMaker could not be reached.")),
    "INTEGRATION_TIMEOUT": GatewayError("504", _body("The model did not answer in time.")),
    "QUOTA_EXCEEDED": GatewayError("429", _body("The model's requests of the day are used up."), _RETRY_QUOTA),
    "THROTTLED": GatewayError("429", _body("Too many requests for the model; try again later."), _RETRY),
}
