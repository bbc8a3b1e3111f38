"""What all tests share: how Hypothesis works here."""

from hypothesis import HealthCheck, settings

# Nothing is measured by the clock on the wall: the machine may be busy. The rest stays as it is, so that CI (where
# Hypothesis tries the same examples each time) keeps its own ways.
settings.register_profile("relaywatch", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("relaywatch")
