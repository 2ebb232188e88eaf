"""The keys app as it began."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('sessions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KeyRing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ring', models.CharField(max_length=64)),
                ('epoch', models.BigIntegerField(verbose_name='epoch')),
                ('rev', models.BigIntegerField(verbose_name='revision')),
                ('hash', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('written', models.DateTimeField(auto_now=True, verbose_name='written')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='key_ring', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'key ring',
                'verbose_name_plural': 'key rings',
            },
        ),
        migrations.CreateModel(
            name='StayHalf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('half', models.BinaryField()),
                ('created', models.DateTimeField()),
                ('used', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stay_halves', to=settings.AUTH_USER_MODEL)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='stay_half', to='sessions.session')),
            ],
            options={
                'verbose_name': 'stay half',
                'verbose_name_plural': 'stay halves',
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(db_index=True, max_length=320, verbose_name='address')),
                ('fingerprint', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('data', models.BinaryField()),
                ('made', models.DateTimeField(help_text='when its primary key was made', verbose_name='made')),
                ('expires', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('published', models.DateTimeField(help_text='when its owner last put it in the directory', verbose_name='published')),
                ('source', models.CharField(default='directory', max_length=16, verbose_name='source')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='certificates', to='accounts.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'certificate',
                'verbose_name_plural': 'certificates',
                'ordering': ('-published', '-pk'),
                'constraints': [models.UniqueConstraint(fields=('account', 'fingerprint'), name='one_certificate_per_fingerprint')],
            },
        ),
        migrations.CreateModel(
            name='OlderKeyRing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ring', models.CharField(max_length=64)),
                ('epoch', models.BigIntegerField()),
                ('rev', models.BigIntegerField()),
                ('hash', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('replaced', models.DateTimeField(auto_now_add=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='older_key_rings', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'older key ring',
                'ordering': ('-rev',),
                'indexes': [models.Index(fields=['person', '-rev'], name='keys_olderk_person__a59680_idx')],
            },
        ),
        migrations.CreateModel(
            name='StateRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32)),
                ('name', models.CharField(max_length=128)),
                ('rev', models.BigIntegerField()),
                ('sealed', models.BinaryField()),
                ('written', models.DateTimeField(auto_now=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='state_records', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'state record',
                'constraints': [models.UniqueConstraint(fields=('person', 'kind', 'name'), name='one_record_per_name')],
            },
        ),
    ]
