package sqlite

// Statements are those that run on a request, by name.
var Statements = map[string]string{"insertSet": insertSet, "selectSet": selectSet, "selectSets": selectSets}
