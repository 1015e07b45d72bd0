package catalog

import "fmt"

// fact is something about a type that its price list does not say.
type fact string

const (
	// factSpotOnly: an on-demand price is listed, but it is sold as spot only.
	factSpotOnly fact = "spot-only"
	// factGPUSlice: a whole GPU is listed, but a part of one is attached.
	factGPUSlice fact = "gpu-slice"
)

// exceptionTable holds the types that are not what they are listed as.
type exceptionTable struct {
	file  string
	facts map[typeName]*exception
	order []*exception
}

type typeName struct{ provider, name string }

type exception struct {
	typeName
	fact fact
	line int
	used bool
}

const exceptionColumns = "provider,type,fact,why"

func parseExceptions(f File) (exceptionTable, error) {
	table := exceptionTable{file: f.Name, facts: map[typeName]*exception{}}
	err := each(f, exceptionColumns, func(r record) error {
		e := &exception{typeName: typeName{r.fields[0], r.fields[1]}, fact: fact(r.fields[2]), line: r.line}
		if e.fact != factSpotOnly && e.fact != factGPUSlice {
			return fmt.Errorf("unknown fact %q", e.fact)
		}
		if table.facts[e.typeName] != nil {
			return fmt.Errorf("%s %s appears twice", e.provider, e.name)
		}
		table.facts[e.typeName] = e
		table.order = append(table.order, e)
		return nil
	})
	return table, err
}

func (t exceptionTable) of(provider, name string) fact {
	e := t.facts[typeName{provider, name}]
	if e == nil {
		return ""
	}
	e.used = true
	return e.fact
}

// settle checks that every exception is about a type that there is: a
// misspelled one would silently do nothing.
func (t exceptionTable) settle() error {
	for _, e := range t.order {
		if !e.used {
			return fmt.Errorf("%s:%d: there is no type %s %s", t.file, e.line, e.provider, e.name)
		}
	}
	return nil
}
