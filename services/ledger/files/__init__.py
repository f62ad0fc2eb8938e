"""Foreign files (对账单、代发与回盘文件、期初余额表): read into our words or refused with the line, and written."""
