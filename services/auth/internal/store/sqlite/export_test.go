package sqlite

// Queries are the texts of all statements, so that a test can ask how each is
// answered.
func Queries() []string {
	var texts []string
	for _, list := range [][]query{reads, writes} {
		for _, q := range list {
			texts = append(texts, string(q))
		}
	}
	return texts
}
