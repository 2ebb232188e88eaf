"""What is under /keys/: two pages and the endpoints of the page's key glue."""

from django.urls import path

from . import views

app_name = "keys"

urlpatterns = [
    path("", views.own_keys, name="own_keys"),
    path("set-up/", views.set_up, name="set_up"),
    path("ring/", views.ring_bytes, name="ring"),
    path("state/<slug:kind>/<slug:name>/", views.state_record, name="state"),
    path("stay/", views.stay_half, name="stay"),
    path("certificates/", views.certificates, name="certificates"),
    path("recipients/", views.recipients, name="recipients"),
]
