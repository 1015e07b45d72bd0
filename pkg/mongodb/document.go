package mongodb

import (
	"fmt"
	"reflect"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Decode reads a document. Unlike the driver alone it does not take a field that is
// missing, or null, for zero, unless the field is marked omitempty: a document
// without it was damaged, or written by somebody else. Trying again does not mend
// that, so the error is no fault of the database.
func Decode[T any](raw bson.Raw) (T, error) {
	var into, none T
	if err := bson.Unmarshal(raw, &into); err != nil {
		return none, fmt.Errorf("the document cannot be read: %w", err)
	}
	if err := complete(raw, reflect.TypeFor[T]()); err != nil {
		return none, err
	}
	return into, nil
}

// complete checks the fields of one level; documents inside are read as a whole.
func complete(raw bson.Raw, t reflect.Type) error {
	for i := range t.NumField() {
		name, mode, _ := strings.Cut(t.Field(i).Tag.Get("bson"), ",")
		switch mode {
		case "omitempty":
			continue
		case "inline":
			if err := complete(raw, t.Field(i).Type); err != nil {
				return err
			}
			continue
		}
		value, err := raw.LookupErr(name)
		if err != nil || value.Type == bson.TypeNull {
			return fmt.Errorf("the document has no %s", name)
		}
	}
	return nil
}
