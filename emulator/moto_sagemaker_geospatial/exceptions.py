"""The seven errors of the service: their HTTP status comes from botocore's service model."""

from moto.core.exceptions import ServiceException


class AccessDeniedException(ServiceException):
    code = "AccessDeniedException"
    message = "You do not have sufficient access to perform this action."


class ConflictException(ServiceException):
    code = "ConflictException"
    message = "Updating or deleting a resource can cause an inconsistent state."


class InternalServerException(ServiceException):
    code = "InternalServerException"
    message = "The request processing has failed because of an unknown error, exception, or failure."


class ResourceNotFoundException(ServiceException):
    code = "ResourceNotFoundException"
    message = "The request references a resource which does not exist."


class ServiceQuotaExceededException(ServiceException):
    code = "ServiceQuotaExceededException"
    message = "You have exceeded the service quota."


class ThrottlingException(ServiceException):
    code = "ThrottlingException"
    message = "The request was denied due to request throttling."


class ValidationException(ServiceException):
    code = "ValidationException"
    message = "The input fails to satisfy the constraints specified by an AWS service."
