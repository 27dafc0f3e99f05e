"""The metric layer: definitions that are executed, and figures that everything shows alike (RPT-01, RPT-02)."""
