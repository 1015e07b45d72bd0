package account

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NormalizeEmail is the one form of an address under which its account is kept, so
// that upper and lower case, and letters composed in another way, are the same
// address.
func NormalizeEmail(address string) string {
	return norm.NFC.String(strings.ToLower(strings.TrimSpace(address)))
}
