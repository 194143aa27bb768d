"""The basket of the till's wireframe, as a receipt, in the languages of the shops."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.receipts import (
    Fiscal,
    Payment,
    Receipt,
    ReceiptLine,
    Reduction,
    Shop,
    TaxShare,
)

__all__ = ["BASKET", "LANGUAGES", "Tongue"]

BASKET = Receipt(
    shop=Shop("Tradepost", ("Abovyan 12, Yerevan", "TIN 01234567")),
    number="0412-0088",
    at="21.11.2026 14:02",
    till="2",
    shift="0412",
    operator="Anna S.",
    customer="Lusine M.",
    lines=(
        ReceiptLine("Milk 3.2 % 1 l", "1,240", "2", "620"),
        ReceiptLine("Cheese Lori, weighed", "1,814", "0.432 kg", "4,200"),
        ReceiptLine("Bread Matnakash", "350"),
        ReceiptLine(
            "Coffee beans 250 g, single origin Ethiopia Yirgacheffe",
            "3,900",
            "1",
            "3,900",
            (Reduction("Gold 5 % on coffee", "−195"),),
        ),
    ),
    subtotal="7,304",
    total="AMD\u00a07,109",
    rounding="+1",
    payments=(Payment("Points", "1,000"), Payment("Card **41", "3,000"), Payment("Cash", "5,000")),
    change="1,890",
    taxes=(TaxShare("20 %", "1,185"),),
    fiscal=Fiscal("5521", ("DT123456 / 00012345",)),
    qr="https://r.example/0412-0088?t=7109",
)


@dataclass(frozen=True)
class Tongue:
    """Words of one language that come from the shop, not from the catalogue."""

    shop: str
    goods: str
    total: str

    @property
    def receipt(self) -> Receipt:
        first = replace(BASKET.lines[0], name=self.goods)
        return replace(BASKET, shop=Shop(self.shop), lines=(first, *BASKET.lines[1:]), total=self.total)


LANGUAGES = {
    "en": Tongue("Tradepost", "Milk 3.2 % 1 l", "£7,109"),
    "hy": Tongue("Թրեյդփոսթ", "Կաթ 3.2 % 1 լ", "7\u00a0109\u00a0֏"),
    "az": Tongue("Ticarət Evi", "Süd, çəki ilə", "7.109\u00a0₼"),
    "kk": Tongue("Тредпост дүкені", "Сүт өлшемді", "7\u00a0109\u00a0₸"),
    "ru": Tongue("Магазин «Традпост»", "Молоко 3,2 %", "7\u00a0109\u00a0₽"),
    "ka": Tongue("სავაჭრო სახლი", "რძე 3.2 % 1 ლ", "7\u00a0109\u00a0₾"),
    "yo": Tongue("Ilé Ìtajà Ọ̀ṣun", "Wàràkàṣì tí a wọ̀n", "₦7,109"),
}
