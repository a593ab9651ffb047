"""Runs an Operation as a module or an action plug-in does: its argument_spec validates the options first."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context, Operation, Result


def run_operation(operation: Operation, *, check_mode: bool = False, **params: Any) -> Result:
    return operation.run(validated(operation, **params), Context(check_mode=check_mode))


def validated(operation: Operation, **params: Any) -> dict[str, Any]:
    """:raises AssertionError: the options are not what the module takes."""
    validation = ArgumentSpecValidator(dict(operation.argument_spec), **operation.rules).validate(params)
    assert not validation.error_messages, validation.error_messages
    parameters: dict[str, Any] = validation.validated_parameters
    return parameters
