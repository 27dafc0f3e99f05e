"""The yardstick of start-up: a window with a label, nothing else. Prints `ready` once it was painted."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow


def main() -> None:
    """Show the window, say so, and leave."""
    app = QApplication([])
    window = QMainWindow()
    window.setCentralWidget(QLabel("ready"))
    window.resize(1366, 768)
    window.show()
    app.processEvents()
    QTimer.singleShot(0, lambda: (print("ready", flush=True), app.quit()))
    app.exec()


if __name__ == "__main__":
    main()
