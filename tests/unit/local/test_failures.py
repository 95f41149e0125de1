"""What is told of a failed command."""

from __future__ import annotations

from gateleg.local.failures import telling_lines

TRACEBACK = """\
Traceback (most recent call last):
  File "/p/app.py", line 9, in <module>
    ChatStack(app, "Chat")
  File "/p/stacks/chat.py", line 31, in __init__
    self.rest = RestGateway(self, "Rest")
  File "/v/site-packages/jsii/_runtime.py", line 3, in __call__
    inst = super().__call__(*args)
"""


def test_an_exception_is_told_with_its_place_in_the_project() -> None:
    output = (
        TRACEBACK
        + "gateleg.errors.AuthorizerError: GET /a has no authorizer [declaration.authorizer]\npython3 app.py: Subprocess exited with error 1\n"
    )
    assert telling_lines(output).splitlines() == [
        'File "/p/stacks/chat.py", line 31, in __init__',
        "gateleg.errors.AuthorizerError: GET /a has no authorizer [declaration.authorizer]",
    ]


def test_a_place_in_the_standard_library_is_none_in_the_project() -> None:
    library = '  File "/usr/lib/python3.12/concurrent/futures/_base.py", line 401, in __get_result\n    raise self._exception\n'
    output = TRACEBACK + library + "RuntimeError: no\n"
    assert telling_lines(output).splitlines() == ['File "/p/stacks/chat.py", line 31, in __init__', "RuntimeError: no"]


def test_a_message_of_several_lines_is_told_whole() -> None:
    message = 'gateleg.errors.AppImportError: lambdas.rest: the import failed\n  File "/p/lambdas/rest.py", line 2\n    import nothing\nModuleNotFoundError: nothing\n'
    assert telling_lines(TRACEBACK + message).splitlines()[1:] == message.splitlines()


def test_the_last_of_several_exceptions_is_told() -> None:
    first = (
        '  File "/p/a.py", line 1, in f\n    x[1]\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n'
    )
    assert telling_lines(first + TRACEBACK + "ValueError: second\n").splitlines()[1:] == ["ValueError: second"]


def test_a_syntax_error_is_told_with_its_line() -> None:
    output = "  File \"/p/app.py\", line 3\n    f(\n     ^\nSyntaxError: '(' was never closed\n"
    assert telling_lines(output).splitlines() == ['File "/p/app.py", line 3', "SyntaxError: '(' was never closed"]


def test_the_javascript_stack_of_a_jsii_error_is_left_out() -> None:
    output = (
        TRACEBACK
        + "RuntimeError: Error: There is already a Construct with name 'A'\n    at Node.addChild (/tmp/jsii-kernel-x/lib/construct.js:1:2)\n"
    )
    assert telling_lines(output).splitlines()[1:] == ["RuntimeError: Error: There is already a Construct with name 'A'"]


def test_of_the_clis_own_output_the_failing_lines_are_told_once() -> None:
    output = "\x1b[31mSample: deploying...\x1b[39m\n❌  Sample failed: ToolkitError: refused\n\n❌  Sample failed: ToolkitError: refused\n"
    assert telling_lines(output) == "❌  Sample failed: ToolkitError: refused"


def test_output_without_such_lines_is_shown_as_it_is() -> None:
    assert telling_lines("one\ntwo\n") == "one\ntwo"
    assert telling_lines("\n") == "it said nothing"
