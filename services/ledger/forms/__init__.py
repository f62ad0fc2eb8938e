"""Forms on paper (报表): each made of what the books say, then printed as a workbook or as PDF."""
