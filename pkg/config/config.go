// Package config reads a process's settings from its environment into a struct:
//
//	type Config struct {
//		Environment config.Environment `env:"ENVIRONMENT" required:"true"`
//		Rounds      int                `env:"BCRYPT_ROUNDS" default:"12"`
//		Key         config.Secret      `env:"JWT_SECRET_KEY" required:"true"`
//		Storage     StorageConfig      // nested: its fields have their own names
//	}
//
// It reads string, bool, int, int64, float64, time.Duration, Secret, whatever reads
// itself from text (Environment, slog.Level, netip.AddrPort), and slices of these,
// separated by commas. A Secret named X may stand in a file that X_FILE names.
//
// A variable that is set to nothing counts as not set: that is how compose files
// and shells pass on what they do not have.
package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Faults is everything that is wrong with the settings, in the order of the
// struct's fields. It names variables, never their values: what was put into the
// wrong one may be a secret.
type Faults struct{ List []error }

// Error has one fault a line.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, err := range f.List {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.Is and errors.As the way to each fault.
func (f *Faults) Unwrap() []error { return f.List }

// Load fills the struct that into points to from environ, which is in the form of
// os.Environ. Afterwards it asks every struct in it that has Validate() []error,
// inner ones first. The error is a *Faults with all faults at once.
//
// A fault from Validate starts with the name of its variable and a space; it is left
// out when that variable has a fault already.
func Load(into any, environ []string) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("config: %T is not a pointer to a struct", into)
	}
	l := loader{environ: variables(environ), faulty: map[string]bool{}}
	l.load(v.Elem())
	l.validate(v.Elem())
	if len(l.faults) > 0 {
		return &Faults{List: l.faults}
	}
	return nil
}

// variables keeps the first of two settings of a name, as os.Getenv does.
func variables(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, setting := range environ {
		name, value, _ := strings.Cut(setting, "=")
		if _, ok := m[name]; !ok {
			m[name] = value
		}
	}
	return m
}

type loader struct {
	environ map[string]string
	faults  []error
	faulty  map[string]bool // variables that have a fault
}

// fault notes the first fault of a variable. Several structs may read one variable,
// and it is no more wrong for that.
func (l *loader) fault(name, format string, args ...any) {
	if l.faulty[name] {
		return
	}
	l.faults = append(l.faults, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
	l.faulty[name] = true
}

func (l *loader) load(v reflect.Value) {
	for field, value := range v.Fields() {
		name, tagged := field.Tag.Lookup("env")
		switch {
		case tagged && !field.IsExported():
			l.fault(name, "belongs to the unexported field %s", field.Name)
		case tagged:
			l.loadField(name, field.Tag, value)
		case nested(field):
			l.load(value)
		}
	}
}

func nested(field reflect.StructField) bool {
	return field.Type.Kind() == reflect.Struct && (field.IsExported() || field.Anonymous)
}

func (l *loader) loadField(name string, tag reflect.StructTag, value reflect.Value) {
	text, ok := l.text(name, value)
	if !ok {
		return
	}
	if text == "" {
		text = tag.Get("default")
	}
	if text == "" {
		if tag.Get("required") == "true" {
			l.fault(name, "must be set")
		}
		return
	}
	if err := set(value, text); err != nil {
		l.fault(name, "%v", err)
	}
}

// text is what a variable, or for a Secret its file, says; false after a fault.
func (l *loader) text(name string, value reflect.Value) (string, bool) {
	text := l.environ[name]
	if value.Type() != reflect.TypeFor[Secret]() {
		return text, true
	}
	path := l.environ[name+"_FILE"]
	switch {
	case path == "":
		return text, true
	case text != "":
		l.fault(name, "and %s_FILE are both set", name)
		return "", false
	}
	text, err := readSecretFile(path)
	if err != nil {
		l.fault(name, "cannot be read from the file that %s_FILE names: %v", name, err)
		return "", false
	}
	return text, true
}

func (l *loader) validate(v reflect.Value) {
	for field, value := range v.Fields() {
		if _, tagged := field.Tag.Lookup("env"); !tagged && nested(field) {
			l.validate(value)
		}
	}
	if !v.CanInterface() { // an embedded struct of an unexported type: its methods are its outer struct's
		return
	}
	validator, ok := v.Addr().Interface().(interface{ Validate() []error })
	if !ok {
		return
	}
	for _, err := range validator.Validate() {
		if name, _, _ := strings.Cut(err.Error(), " "); !l.faulty[name] {
			l.faults = append(l.faults, err)
		}
	}
}
