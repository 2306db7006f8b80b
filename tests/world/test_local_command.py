from __future__ import annotations

import base64

from local import PROJECT_DIR
from local.__main__ import chat_command, get_url
from local.model.chat.request import ChatRequest
from local.model.request import PredictionRequest
from local.stack_file import ROUTER, StackFile


def test_the_shown_url_asks_the_model_a_question() -> None:
    url = get_url("http://127.0.0.1:8003/digits/predict")
    encoded = url.params["input"]
    asked = PredictionRequest.parse(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    assert (url.path, len(asked.instances)) == ("/digits/predict", 1)


def test_the_shown_command_asks_the_router_for_a_name_that_it_knows() -> None:
    stack = StackFile(PROJECT_DIR, "pools")
    router = stack.config[ROUTER]
    command = chat_command("http://127.0.0.1:8000", "pools", *stack.entry)
    asked = ChatRequest.parse(command.rpartition("--data ")[2].strip("'").encode(), is_chat=True)
    assert f" http://127.0.0.1:8000{router['paths'][0]} " in command
    assert asked.model in [model["name"] for model in router["models"]]
