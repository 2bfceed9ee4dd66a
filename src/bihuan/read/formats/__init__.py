"""Files of any format -> one raw text with locators."""
