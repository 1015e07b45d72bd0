package catalog

import (
	"fmt"
	"strings"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// families are the classes of every family. The table also says how many rows
// each has, so that a family whose types we no longer tell apart as it does is
// a fault and not a wrong recommendation.
type families struct {
	file  string
	names map[familyName]*family
	// order is that of the file, for errors that do not depend on a map.
	order []*family
}

type familyName struct{ provider, family string }

// family has one class for its usual types, and may have whole hosts or types
// with constrained vCPUs beside them.
type family struct {
	name  familyName
	usual engine.Class
	want  [engine.ClassConfidential + 1]int
	have  [engine.ClassConfidential + 1]int
	line  int
}

const familyColumns = "provider,family,class,rows"

func parseFamilies(f File) (*families, error) {
	all := &families{file: f.Name, names: map[familyName]*family{}}
	err := each(f, familyColumns, func(r record) error {
		class, ok := engine.ParseClass(r.fields[2])
		if !ok {
			return fmt.Errorf("unknown family class %q", r.fields[2])
		}
		rows, err := decimal(r.fields[3], 0)
		if err != nil {
			return fmt.Errorf("rows: %w", err)
		}
		name := familyName{r.fields[0], r.fields[1]}
		fam := all.names[name]
		if fam == nil {
			fam = &family{name: name, line: r.line}
			all.names[name] = fam
			all.order = append(all.order, fam)
		}
		if fam.want[class] > 0 {
			return fmt.Errorf("%s %s has the class %s twice", name.provider, name.family, class)
		}
		fam.want[class] = int(rows)
		return fam.settleUsual(class)
	})
	return all, err
}

// settleUsual takes a class as that of the usual types, unless types of it are
// told by their names.
func (f *family) settleUsual(class engine.Class) error {
	if named(class) && f.usual != 0 {
		return nil
	}
	if f.usual != 0 && !named(f.usual) {
		return fmt.Errorf("%s %s is both %s and %s", f.name.provider, f.name.family, f.usual, class)
	}
	f.usual = class
	return nil
}

// named classes are told by the name of the type.
func named(c engine.Class) bool {
	return c == engine.ClassWholeHost || c == engine.ClassConstrainedVCPU
}

func (fs *families) of(provider, name string) (*family, error) {
	f := fs.names[familyName{provider, name}]
	if f == nil {
		return nil, fmt.Errorf("%s has no class in %s", name, fs.file)
	}
	return f, nil
}

// accelerated families are sold for their accelerators, whole hosts included.
func (f *family) accelerated() bool { return f.want[engine.ClassAccelerator] > 0 }

// class tells the class of a type and counts it.
func (f *family) class(instanceType string) engine.Class {
	class := f.usual
	switch {
	case f.want[engine.ClassWholeHost] > 0 && strings.Contains(instanceType, "metal"):
		class = engine.ClassWholeHost
	case f.want[engine.ClassConstrainedVCPU] > 0 && constrained(instanceType):
		class = engine.ClassConstrainedVCPU
	}
	f.have[class]++
	return class
}

// constrained reports whether a name has the form of Standard_E4-2s_v5: the
// size of the machine, and after a dash the vCPUs that are left of it.
func constrained(instanceType string) bool {
	const digits = "0123456789"
	name := strings.TrimPrefix(instanceType, "Standard_")
	size := strings.IndexAny(name, digits)
	if size < 0 {
		return false
	}
	rest := strings.TrimLeft(name[size:], digits)
	return len(rest) > 1 && rest[0] == '-' && strings.IndexByte(digits, rest[1]) >= 0
}

// settle checks that every class came out with as many rows as the table says.
func (fs *families) settle() error {
	for _, f := range fs.order {
		for class := range f.want {
			if f.have[class] != f.want[class] {
				return fmt.Errorf("%s:%d: %s %s has %d rows of the class %s, and the table says %d", fs.file,
					f.line, f.name.provider, f.name.family, f.have[class], engine.Class(class), f.want[class])
			}
		}
	}
	return nil
}
