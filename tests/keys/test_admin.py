"""An administrator sees that there are keys, never a byte of them, and cannot take them away."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import Account, Person
from keys import ring
from keys.models import KeyRing

from .rings import sealed


def test_the_admin_shows_no_key_material_and_deletes_no_ring(account: Callable[[str], Account]) -> None:
    kept = ring.create(account("alice").person, sealed(1, body=b"CANARY" * 20))
    admin = Client()
    admin.force_login(Person.objects.create_superuser("admin"), backend="django.contrib.auth.backends.ModelBackend")
    pages = ["/admin/keys/keyring/", f"/admin/keys/keyring/{kept.pk}/change/", "/admin/keys/certificate/"]
    for page in pages:
        answer = admin.get(page)
        assert answer.status_code == 200
        assert b"CANARY" not in answer.content
        assert kept.hash.encode() not in answer.content
    for page in ("/admin/keys/stayhalf/", "/admin/keys/staterecord/", "/admin/keys/olderkeyring/"):
        assert admin.get(page).status_code == 404
    assert admin.post(f"/admin/keys/keyring/{kept.pk}/delete/", {"post": "yes"}).status_code == 403
    assert KeyRing.objects.exists()
