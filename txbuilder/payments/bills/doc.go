// Package bills reads what is to be paid: a target and an amount, a payment URI, or a list of many.
package bills
