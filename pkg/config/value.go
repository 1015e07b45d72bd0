package config

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net/netip"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// set puts the text into the value. Its errors say what would be right and never
// what is there: the text may be a secret in the wrong place.
func set(value reflect.Value, text string) error {
	if value.Type() == reflect.TypeFor[Secret]() {
		value.Set(reflect.ValueOf(NewSecret(text)))
		return nil
	}
	if reader, ok := value.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if reader.UnmarshalText([]byte(text)) != nil {
			return fmt.Errorf("must be %s", expected(value.Type()))
		}
		return nil
	}
	if value.Kind() == reflect.Slice {
		return setSlice(value, text)
	}
	err := setPlain(value, text)
	if err != nil {
		return fmt.Errorf("must be %s", expected(value.Type()))
	}
	return nil
}

func setPlain(value reflect.Value, text string) error {
	if value.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		value.SetInt(int64(d))
		return err
	}
	switch value.Kind() {
	case reflect.String:
		value.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		value.SetBool(b)
		return err
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, value.Type().Bits())
		value.SetInt(n)
		return err
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return errors.New("not finite")
		}
		value.SetFloat(f)
		return err
	default:
		return errors.New("no such type")
	}
	return nil
}

func setSlice(value reflect.Value, text string) error {
	parts := strings.Split(text, ",")
	list := reflect.MakeSlice(value.Type(), len(parts), len(parts))
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" {
			return errors.New("must be a list, separated by commas, without an empty item")
		}
		if err := set(list.Index(i), part); err != nil {
			return fmt.Errorf("must be a list, separated by commas; item %d %w", i+1, err)
		}
	}
	value.Set(list)
	return nil
}

// expected describes a type to people.
func expected(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "a duration such as 30s or 5m"
	case reflect.TypeFor[Environment]():
		return "development or production"
	case reflect.TypeFor[slog.Level]():
		return "a log level such as INFO"
	case reflect.TypeFor[netip.AddrPort]():
		return "an address with a port such as 127.0.0.1:8080"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a finite number"
	default:
		return "a " + t.String()
	}
}

// maxSecretFile is far more than any key has.
const maxSecretFile = 64 << 10

// readSecretFile reads a file as container platforms mount secrets; the line break
// that an editor leaves at the end is not part of it.
func readSecretFile(path string) (string, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return "", reasonOf(err)
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", reasonOf(err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	switch {
	case len(raw) > maxSecretFile:
		return "", fmt.Errorf("it has more than %d bytes", maxSecretFile)
	case text == "":
		return "", errors.New("it is empty")
	}
	return text, nil
}

// reasonOf leaves the path out of a file error: somebody may have put the secret
// itself where its file belongs.
func reasonOf(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
