"""People registered before addresses had to be validated keep their access."""

from django.db import migrations


def validate_addresses(apps, schema_editor):
    """Write down the address of each as validated."""
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    EmailAddress.objects.bulk_create(
        (
            EmailAddress(user_id=pk, email=email.lower(), verified=True, primary=True)
            for pk, email in User.objects.filter(emailaddress=None).values_list("pk", "email").iterator()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_registration"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(validate_addresses, migrations.RunPython.noop)]
