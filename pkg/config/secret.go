package config

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Secret is a text that shows itself to nobody who does not ask for it by Reveal:
// printed, logged or encoded in any way, it is [secret].
//
// The text is behind a pointer because fmt prints an unexported field without
// asking its methods: of a pointer it shows the address only.
type Secret struct{ text *string }

const hidden = "[secret]"

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal is the text itself; "" when none was set.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero says whether there is no text.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Equal compares without telling by its time how much is equal, or how long either is.
func (s Secret) Equal(other Secret) bool {
	a, b := sha256.Sum256([]byte(s.Reveal())), sha256.Sum256([]byte(other.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String hides the text.
func (Secret) String() string { return hidden }

// GoString hides the text.
func (Secret) GoString() string { return hidden }

// Format hides the text from every verb, those for numbers included.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText hides the text from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the text from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
