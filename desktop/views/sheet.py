"""The one style sheet, made from the tokens of `theme`."""

from __future__ import annotations

_SHEET = """
QToolTip {{ background: {sheet}; color: {t1}; border: 1px solid {line2}; padding: 6px 8px; font-size: 12px; }}
QLabel {{ background: transparent; color: {t1}; }}
QLabel[role="title"] {{ font-size: 20px; font-weight: 600; }}
QLabel[role="sentence"] {{ color: {t2}; }}
QLabel[role="section"] {{ font-size: 14px; font-weight: 600; }}
QLabel[role="explain"] {{ font-size: 12px; color: {t3}; }}
QLabel[role="caption"] {{ font-size: 12px; color: {t2}; }}
QLabel[role="caption_strong"] {{ font-size: 12px; color: {t1}; font-weight: 600; }}
QLabel[role="figure"] {{ font-size: 28px; font-weight: 600; }}
QLabel[role="unit"] {{ color: {t2}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="secondary"] {{ color: {t2}; }}
QLabel[role="tertiary"] {{ color: {t3}; }}
QLabel[role="link"] {{ color: {accent_t}; }}
QLabel[role="red"] {{ color: {red_t}; }} QLabel[role="amber"] {{ color: {amber_t}; }}
QLabel[role="green"] {{ color: {green_t}; }} QLabel[role="grey"] {{ color: {t2}; }}
QLabel[role="red_strong"] {{ color: {red_t}; font-weight: 600; }}
QLabel[role="amber_strong"] {{ color: {amber_t}; font-weight: 600; }}
QLabel[role="green_strong"] {{ color: {green_t}; font-weight: 600; }}
QLabel[role="red_small"] {{ color: {red_t}; font-size: 12px; }}
QLabel[role="amber_small"] {{ color: {amber_t}; font-size: 12px; }}
QLabel[role="green_small"] {{ color: {green_t}; font-size: 12px; }}
QLabel[role="inspector"] {{ font-size: 16px; font-weight: 600; }}
QLabel[role="brand"] {{ font-size: 17px; font-weight: 600; }}
QLabel[role="kbd"] {{ font-size: 12px; color: {t2}; background: {kbd}; border-radius: 4px; padding: 1px 6px; }}
QLabel[role="empty_title"] {{ font-size: 18px; font-weight: 600; }}

QWidget#shell, QWidget#rail, QWidget#topbar, QWidget#statusbar {{ background: {shell}; }}
QFrame#sheet {{ background: {sheet}; border: 1px solid {line}; border-right: 0; border-bottom: 0;
    border-top-left-radius: 8px; }}
QWidget#page, QWidget#page_body {{ background: transparent; }}
QFrame#inspector {{ background: {sub}; border: 0; border-left: 1px solid {line}; }}
QFrame#hairline {{ background: {line}; border: 0; }}
QFrame#hairline2 {{ background: {line2}; border: 0; }}

QPushButton {{ background: {sheet}; color: {t1}; border: 1px solid {line2}; border-radius: 6px;
    padding: 0 12px; min-height: 30px; }}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed {{ background: {track}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 0 11px; min-height: 28px; }}
QPushButton:disabled {{ color: {dis}; border-color: {line}; background: {sheet}; }}
QPushButton[role="primary"] {{ background: {accent}; color: {on_accent}; border: 1px solid {accent};
    font-weight: 600; padding: 0 16px; }}
QPushButton[role="primary"]:hover {{ background: {accent_h}; border-color: {accent_h}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {accent_line}; padding: 0 15px; }}
QPushButton[role="primary"]:disabled {{ background: {track}; color: {t3}; border-color: {track}; }}
QPushButton[role="tinted"] {{ background: {accent_soft}; color: {accent_t}; border: 1px solid {accent_line}; }}
QPushButton[role="tinted"]:hover {{ background: {sel}; border-color: {accent}; }}
QPushButton[role="tinted"]:disabled {{ background: {sheet}; color: {dis}; border-color: {line}; }}
QPushButton[role="danger"] {{ background: {sheet}; color: {red_t}; border: 1px solid {red}; }}
QPushButton[small="true"] {{ min-height: 24px; padding: 0 10px; border-radius: 4px; }}
QPushButton[small="true"]:focus {{ min-height: 22px; padding: 0 9px; }}
QPushButton[role="flat"] {{ background: transparent; color: {t2}; border: 1px solid transparent; padding: 0 10px; }}
QPushButton[role="flat"]:hover {{ background: {hover}; color: {t1}; }}
QPushButton[role="flat"]:focus {{ border: 2px solid {accent}; padding: 0 9px; }}
QPushButton[role="flat"]:disabled {{ color: {dis}; }}
QPushButton[role="flat"]::menu-indicator {{ image: none; }}
QPushButton[role="link"] {{ background: transparent; color: {accent_t}; border: 0; padding: 0 2px; min-height: 22px;
    text-align: left; }}
QPushButton[role="link"]:hover {{ text-decoration: underline; }}
QPushButton[role="link"]:focus {{ border: 1px solid {accent}; border-radius: 4px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; color: {t2}; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:focus {{ border: 1px solid {accent}; }}
QToolButton::menu-indicator {{ image: none; }}

QFrame#segments {{ background: {grey_soft}; border-radius: 6px; border: 0; }}
QPushButton[role="segment"] {{ background: transparent; color: {t2}; border: 1px solid transparent; border-radius: 4px;
    padding: 0 10px; min-height: 22px; font-size: 12px; }}
QPushButton[role="segment"]:hover {{ color: {t1}; }}
QPushButton[role="segment"]:checked {{ background: {sheet}; color: {t1}; border: 1px solid {line2}; font-weight: 600; }}
QPushButton[role="segment"]:focus {{ border: 1px solid {accent}; }}

QPushButton[role="choice"] {{ background: transparent; color: {t2}; border: 1px solid transparent; border-radius: 4px;
    padding: 0 9px; min-height: 24px; text-align: left; }}
QPushButton[role="choice"]:hover {{ background: {hover}; color: {t1}; }}
QPushButton[role="choice"]:checked {{ background: {accent_soft}; color: {t1}; border: 1px solid {accent_line}; }}
QPushButton[role="choice"]:focus {{ border: 1px solid {accent}; }}
QPushButton[role="choice"]:disabled {{ color: {dis}; border: 1px solid transparent; background: transparent; }}

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateEdit {{ background: {sheet};
    color: {t1}; border: 1px solid {line2}; border-radius: 6px; padding: 0 10px; min-height: 28px;
    selection-background-color: {accent}; selection-color: {on_accent}; }}
QPlainTextEdit, QTextEdit {{ padding: 6px 8px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QDateEdit:focus {{ border: 2px solid {accent}; padding: 0 9px; min-height: 26px; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {dis}; background: {sub}; }}
QLineEdit[role="filter"] {{ border: 1px solid {line2}; border-radius: 4px; padding: 0 7px; font-size: 12px;
    min-height: 20px; max-height: 22px; }}
QLineEdit[role="filter"]:focus {{ border: 2px solid {accent}; padding: 0 6px; min-height: 18px; max-height: 20px; }}
QLineEdit[role="filter"][bad="true"] {{ border-color: {red}; }}
QComboBox::drop-down, QDateEdit::drop-down {{ subcontrol-origin: padding; subcontrol-position: center right;
    border: 0; width: 26px; background: transparent; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ image: url("{caret}"); width: 12px; height: 12px; }}
QComboBox QAbstractItemView, QListView#choices {{ background: {sheet}; color: {t1}; border: 1px solid {line2};
    selection-background-color: {sel}; selection-color: {t1}; outline: 0; padding: 4px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0; border: 0; }}
QCalendarWidget QToolButton {{ color: {t1}; padding: 4px 8px; }}
QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {sub}; }}
QCalendarWidget QAbstractItemView {{ selection-background-color: {accent}; selection-color: {on_accent}; }}
QCheckBox, QRadioButton {{ color: {t1}; spacing: 8px; background: transparent; }}
QCheckBox::indicator, QListView::indicator {{
    width: 14px; height: 14px; border: 1px solid {line2}; border-radius: 3px; background: {sheet};
}}
QCheckBox::indicator:hover, QListView::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked, QListView::indicator:checked {{ border-color: {accent}; background: {accent}; image: url("{check}"); }}
QCheckBox::indicator:disabled, QListView::indicator:disabled {{ background: {track}; border-color: {line}; }}
QCheckBox:focus, QRadioButton:focus {{ color: {accent_t}; }}

QMenu {{ background: {sheet}; color: {t1}; border: 1px solid {line2}; border-radius: 6px; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {sel}; }}
QMenu::item:disabled {{ color: {dis}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 6px; }}

QTableView, QTreeView, QListView {{ background: transparent; border: 0; outline: 0; gridline-color: {line};
    selection-background-color: transparent; selection-color: {t1}; alternate-background-color: transparent; }}
QTableView::item, QTreeView::item {{ border: 0; padding: 0; }}
QHeaderView {{ background: transparent; border: 0; }}
QHeaderView::section {{ background: transparent; border: 0; }}
QTableCornerButton::section {{ background: transparent; border: 0; }}

QScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line2}; border-radius: 2px; min-height: 28px; margin: 0 3px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {line2}; border-radius: 2px; min-width: 28px; margin: 3px 0; }}
QScrollBar::handle:hover {{ background: {dis}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QProgressBar {{ background: {track}; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QSplitter::handle {{ background: {line}; }}
QTabWidget::pane {{ border: 0; }}
QTabBar::tab {{ background: transparent; color: {t2}; padding: 8px 2px; margin-right: 22px; border: 0;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {t1}; }}
QTabBar::tab:selected {{ color: {t1}; font-weight: 600; border-bottom: 2px solid {accent}; }}
QTabBar::tab:focus {{ color: {accent_t}; }}

QDialog, QMessageBox {{ background: {sheet}; }}
QFrame#popup {{ background: {sheet}; border: 1px solid {line2}; border-radius: 8px; }}
QFrame#scope, QFrame#search {{ background: {sheet}; border: 1px solid {line2}; border-radius: 6px; }}
QFrame#search:focus, QFrame#search:hover, QFrame#scope:hover {{ border-color: {dis}; }}
QFrame#strip_red, QFrame#advice_red {{ background: {red_soft}; border: 0; border-radius: 6px; }}
QFrame#strip_amber, QFrame#advice_amber {{ background: {amber_soft}; border: 0; border-radius: 6px; }}
QFrame#strip_green, QFrame#advice_green {{ background: {green_soft}; border: 0; border-radius: 6px; }}
QFrame#strip_grey, QFrame#advice_grey {{ background: {grey_soft}; border: 0; border-radius: 6px; }}
QFrame#well {{ background: {sub}; border: 1px solid {line}; border-radius: 6px; }}
QFrame#tile {{ background: {sub}; border: 1px solid {line}; border-radius: 8px; }}
QFrame#tile:hover {{ border-color: {line2}; }}
QFrame#tile:focus {{ border: 2px solid {accent}; }}
QFrame#tile_place {{ background: {accent_soft}; border: 1px dashed {accent_line}; border-radius: 8px; }}
QFrame#drop {{ background: {sub}; border: 1px dashed {line2}; border-radius: 6px; }}
"""


def style_sheet(tokens: dict[str, str]) -> str:
    """Return the style sheet with a theme's colours filled in."""
    return _SHEET.format(**tokens)
