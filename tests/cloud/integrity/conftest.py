from tests.cloud.office import office, small_office

__all__ = ["office", "small_office"]
