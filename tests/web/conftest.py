"""What the screens' tests stand on."""

from tests.web.head_office import browser, office, screens, shop

__all__ = ["browser", "office", "screens", "shop"]
