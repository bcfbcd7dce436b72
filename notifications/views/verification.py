"""« Vérifier un document »: whether a file or a number is ours, told to anybody, and nothing else (decision 0013)."""

from allauth.core.ratelimit import consume, respond_429
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from notifications.documents import SEALED_AS
from notifications.forms import VerifyFileForm, VerifyNumberForm
from notifications.models import RateDecision
from portal.kit.authority import current_seal, known_certificates
from portal.kit.seal import Finding, inspected, sealed_reason
from portal.kit.upload import BriefUploadHandler


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def document_verify(request: HttpRequest) -> HttpResponse:
    """Take a file or a number. The CSRF check reads the form: it comes after the choice of where files go."""
    request.upload_handlers = [BriefUploadHandler(settings.VERIFY_MAX_BYTES)]
    return _document_verify(request)


@csrf_protect
def _document_verify(request: HttpRequest) -> HttpResponse:
    by_number = "number" in request.POST
    file_form, number_form = VerifyFileForm(), VerifyNumberForm(initial={"number": request.GET.get("numero", "")[:40]})
    verdict, number = "", ""
    if request.method == "POST":
        if not consume(request, action="verify"):
            return respond_429(request)
        if by_number:
            number_form = VerifyNumberForm(request.POST)
            if number_form.is_valid():
                verdict, number = _of_number(number_form.cleaned_data["number"])
        else:
            file_form = VerifyFileForm(request.POST, request.FILES)
            if file_form.is_valid():
                verdict, number = _of_file(file_form.cleaned_data["document"])
    context = {
        "form": number_form if by_number else file_form,
        "file_form": file_form,
        "number_form": number_form,
        "verdict": verdict,
        "number": number,
    }
    return render(request, "notifications/document_verify.html", context)


@login_not_required
@require_GET
def seal_authority(_request: HttpRequest) -> HttpResponse:
    """Hand over the certificate that another program must trust to accept our seals."""
    return HttpResponse(
        current_seal().chain[-1].public_bytes(Encoding.PEM),
        content_type="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="autorite-specimen.pem"'},
    )


def _of_file(content: bytes) -> tuple[str, str]:
    """Return the verdict of the template, and the number of the document when it is authentic."""
    finding = inspected(content, known_certificates())
    if finding is not Finding.AUTHENTIC:
        return finding.value, ""
    number = sealed_reason(content).removeprefix(SEALED_AS)
    decision = RateDecision.objects.numbered(number)
    if decision is None:
        return "orphan", number
    return ("superseded" if RateDecision.objects.replacing(decision).exists() else "authentic"), number


def _of_number(typed: str) -> tuple[str, str]:
    """Return the verdict of the template, and the number as the document prints it."""
    decision = RateDecision.objects.numbered(typed)
    if decision is None:
        return "unknown_number", ""
    return ("replaced_number" if RateDecision.objects.replacing(decision).exists() else "number"), decision.number
