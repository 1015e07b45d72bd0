package standalone_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// workload is a draft with other text in its one workload.
func workload(fields string) string {
	return `{"title":"Portal","workloads":[{"name":"api","kind":"KIND_API",` + fields + `}]}`
}

// assessed is a draft with more fields.
func assessed(fields string) string {
	return strings.Replace(draft, `"title"`, fields+`,"title"`, 1)
}

func workloads(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"name":"w%d","kind":"KIND_API","vcpu":2,"memoryGib":8}`, i)
	}
	return `{"title":"Portal","workloads":[` + strings.Join(list, ",") + `]}`
}

// badBodies are no assessments: what each names as wrong, and by which rule.
var badBodies = map[string]struct{ body, field, rule string }{
	"an unknown field":              {assessed(`"colour":"red"`), "colour", "json.unknown_field"},
	"an unknown field inside":       {workload(`"vcpu":2,"memoryGib":8,"cores":4`), "workloads[0].cores", "json.unknown_field"},
	"the contract's own spelling":   {workload(`"vcpu":2,"memory_gib":8`), "workloads[0].memory_gib", "json.unknown_field"},
	"a field that stands twice":     {assessed(`"title":"Other"`), "title", "json.duplicate"},
	"a number for a text":           {`{"title":5,"workloads":[]}`, "title", "json.type"},
	"a text for a number":           {workload(`"vcpu":"2","memoryGib":8`), "workloads[0].vcpu", "json.type"},
	"a fraction for a count":        {workload(`"vcpu":2,"memoryGib":8,"replicas":1.5`), "workloads[0].replicas", "json.type"},
	"a count beyond its type":       {workload(`"vcpu":2,"memoryGib":8,"replicas":3000000000`), "workloads[0].replicas", "json.range"},
	"an object for a list":          {`{"title":"Portal","workloads":{}}`, "workloads", "json.type"},
	"a list for the whole":          {`[` + draft + `]`, "body", "json.type"},
	"no such kind":                  {strings.Replace(draft, "KIND_API", "KIND_TOASTER", 1), "workloads[0].kind", "json.enum"},
	"text after the body":           {draft + ` and more`, "body", "json.trailing"},
	"a second body":                 {draft + draft, "body", "json.trailing"},
	"half a body":                   {draft[:40], "body", "json.syntax"},
	"no body":                       {"", "body", "json.required"},
	"NaN":                           {workload(`"vcpu":NaN,"memoryGib":8`), "workloads[0].vcpu", "json.finite"},
	"NaN in quotes":                 {workload(`"vcpu":"NaN","memoryGib":8`), "workloads[0].vcpu", "json.finite"},
	"a number too large":            {workload(`"vcpu":1e999,"memoryGib":8`), "workloads[0].vcpu", "json.finite"},
	"33 levels":                     {assessed(`"profile":` + strings.Repeat("[", 32) + strings.Repeat("]", 32)), "body", "json.depth"},
	"no title":                      {strings.Replace(draft, "Portal", "", 1), "title", "string.min_len"},
	"no workload":                   {workloads(0), "workloads", "repeated.min_items"},
	"51 workloads":                  {workloads(51), "workloads", "repeated.max_items"},
	"two workloads of one name":     {strings.Replace(workloads(2), "w1", "w0", 1), "workloads", "assessment.workload_names"},
	"a negative vCPU":               {workload(`"vcpu":-1,"memoryGib":8`), "workloads[0].vcpu", "double.gte_lte"},
	"no size":                       {workload(`"replicas":2`), "workloads[0]", "workload.size"},
	"an impossible availability":    {workload(`"vcpu":2,"memoryGib":8,"availabilityTarget":101`), "workloads[0].availabilityTarget", "workload.availability_target"},
	"an unknown provider":           {assessed(`"allowedProviders":["ibm"]`), "allowedProviders[0]", "string.in"},
	"an unknown region":             {assessed(`"allowedRegions":["eu-west-1","atlantis-1"]`), "allowedRegions[1]", "region.known"},
	"a region outside residency":    {assessed(`"dataResidency":["EU"],"allowedRegions":["us-east-1"]`), "allowedRegions[0]", "region.residency"},
	"an unknown residency":          {assessed(`"dataResidency":["XX"]`), "dataResidency[0]", "residency.known"},
	"an unknown present region":     {workload(`"vcpu":2,"memoryGib":8,"present":{"provider":"aws","region":"europe-west1","instanceType":"m5.large"}`), "workloads[0].present.region", "present.region"},
	"a budget below nothing":        {assessed(`"monthlyBudgetUsd":-0.01`), "monthlyBudgetUsd", "double.gte_lte"},
	"a framework that stands twice": {assessed(`"complianceFrameworks":["FRAMEWORK_GDPR","FRAMEWORK_GDPR"]`), "complianceFrameworks", "repeated.unique"},
}

func TestBadInputIsAProblemAndNothingIsStored(t *testing.T) {
	s := newPlatform(t).newSession(t)
	for name, test := range map[string]func(*testing.T, session){
		"a bad body is refused by name":                 badBody,
		"all that is wrong is told at once":             manyFaults,
		"a bad parameter is refused by name":            badParameter,
		"a body of two mebibytes is too large":          largeBody,
		"only JSON is a body":                           otherMediaType,
		"a path or method that is not there is told so": noRoute,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, s)
			s.hasNothing(t)
		})
	}

	s.create(t, draft)         // what the bad bodies are made from
	s.create(t, workloads(50)) // and the most
	if pages := s.list(t); len(pages[0]) != 2 {
		t.Errorf("%d are stored", len(pages[0]))
	}
}

func badBody(t *testing.T, s session) {
	for name, c := range badBodies {
		t.Run(name, func(t *testing.T) {
			s.send(t, http.MethodPost, assessments, c.body).problem(t, http.StatusBadRequest, "INVALID_REQUEST").names(t, c.field, c.rule)
			s.hasNothing(t)
		})
	}
}

func TestAPatchThatBreaksARuleChangesNothing(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	path := assessments + "/" + s.create(t, draft).GetId()
	before := s.send(t, http.MethodGet, path, "").want(t, http.StatusOK).body
	for name, c := range map[string]struct{ body, field, rule string }{
		"a negative vCPU":   {`{"workloads":[{"name":"api","kind":"KIND_API","vcpu":-1,"memoryGib":8}]}`, "workloads[0].vcpu", "double.gte_lte"},
		"no workload":       {`{"workloads":[]}`, "workloads", "repeated.min_items"},
		"an unknown region": {`{"allowedRegions":["atlantis-1"]}`, "allowedRegions[0]", "region.known"},
		"an unknown field":  {`{"title":"Other","colour":"red"}`, "colour", "json.unknown_field"},
		"no title":          {`{"title":null,"monthlyBudgetUsd":5}`, "title", "string.min_len"},
		"NaN":               {`{"monthlyBudgetUsd":NaN}`, "monthlyBudgetUsd", "json.finite"},
	} {
		t.Run(name, func(t *testing.T) {
			s.send(t, http.MethodPatch, path, c.body).problem(t, http.StatusBadRequest, "INVALID_REQUEST").names(t, c.field, c.rule)
			if after := s.send(t, http.MethodGet, path, "").body; after != before {
				t.Errorf("%s became %s", before, after)
			}
		})
	}
}

func manyFaults(t *testing.T, s session) {
	got := s.send(t, http.MethodPost, assessments+"?dryRun=true&color=red", workload(`"vcpu":"x","cores":2`), "Idempotency-Key: two words").
		problem(t, http.StatusBadRequest, "INVALID_REQUEST")
	got.names(t, "dryRun", "query.unknown")
	got.names(t, "color", "query.unknown")
	got.names(t, "workloads[0].vcpu", "json.type")
	got.names(t, "workloads[0].cores", "json.unknown_field")
	got.names(t, "Idempotency-Key", "idempotency_key.shape")
}

func badParameter(t *testing.T, s session) {
	for _, c := range []struct{ path, field, rule string }{
		{assessments + "?pageSize=10&sort=title", "sort", "query.unknown"},
		{assessments + "?page_size=10", "page_size", "query.unknown"},
		{assessments + "?pageSize=ten", "pageSize", "query.type"},
		{assessments + "?pageSize=-1", "pageSize", "int32.gte"},
		{assessments + "?pageSize=1&pageSize=2", "pageSize", "query.repeated"},
		{assessments + "?status=STATUS_LOST", "status", "query.type"},
		{assessments + "?pageSize=%zz", "query", "query.syntax"},
		{assessments + "?pageToken=nonsense", "pageToken", "page_token.list"},
		{assessments + "/" + strings.Repeat("a", 65), "id", "string.max_len"},
		{assessments + "/%ff", "id", "path.utf8"},
		{assessments + "/asm_1/revisions/first", "revision", "path.type"},
		{assessments + "/asm_1/revisions/0", "revision", "int32.gte"},
	} {
		s.send(t, http.MethodGet, c.path, "").problem(t, http.StatusBadRequest, "INVALID_REQUEST").names(t, c.field, c.rule)
	}
}

func largeBody(t *testing.T, s session) {
	large := func(bytes int) string {
		empty := assessed(`"profile":{"industry":""}`)
		return strings.Replace(empty, `""`, `"`+strings.Repeat("x", bytes-len(empty))+`"`, 1)
	}
	// By its length, before any of it is sent.
	s.send(t, http.MethodPost, assessments, large(2<<20), "Expect: 100-continue").
		problem(t, http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE")

	// Without a length, at the first byte that is too many.
	for bytes, want := range map[int]string{1 << 20: "INVALID_REQUEST", 1<<20 + 1: "REQUEST_TOO_LARGE"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.platform.url+assessments,
			struct{ io.Reader }{strings.NewReader(large(bytes))})
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.access)
		a, err := s.platform.do(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.failure(t); got.Reason != want {
			t.Errorf("%d bytes: %d %s, want %s", bytes, a.StatusCode, got.Reason, want)
		}
	}
}

func otherMediaType(t *testing.T, s session) {
	for _, header := range []string{
		"Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded", "Content-Type: application/xml",
		"Content-Type: application/json; charset=latin1", "Content-Type: ", "Content-Encoding: gzip",
	} {
		s.send(t, http.MethodPost, assessments, draft, header).problem(t, http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
		s.hasNothing(t)
	}
}

func noRoute(t *testing.T, s session) {
	for _, path := range []string{"/api/v1/nothing", "/api", "/api/v2/assessments", assessments + "/", assessments + "//revisions/1", assessments + "/asm_1/extra"} {
		s.send(t, http.MethodGet, path, "").problem(t, http.StatusNotFound, "ROUTE_NOT_FOUND")
	}
	for _, c := range []struct{ verb, path, allow string }{
		{http.MethodPut, assessments, "GET, HEAD, OPTIONS, POST"},
		{http.MethodPost, assessments + "/asm_1", "DELETE, GET, HEAD, OPTIONS, PATCH"},
		{http.MethodGet, assessments + "/asm_1/recommendations:generate", "OPTIONS, POST"},
		{http.MethodDelete, "/health", "GET, HEAD, OPTIONS"},
	} {
		a := s.send(t, c.verb, c.path, "")
		a.problem(t, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
		if got := a.Header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.verb, c.path, got, c.allow)
		}
	}
}

func TestAPasswordOf100BytesOpensNoAccount(t *testing.T) {
	p := newPlatform(t)
	long := strings.Repeat("é", 50)
	credentials := `{"email":"long@example.com","password":"` + long + `"}`
	for _, path := range []string{"/api/v1/auth/register", "/api/v1/auth/login"} {
		a := p.send(t, http.MethodPost, path, credentials)
		a.problem(t, http.StatusBadRequest, "INVALID_REQUEST").names(t, "password", "string.max_bytes")
		if strings.Contains(a.body, long) {
			t.Errorf("%s repeats the password: %s", path, a.body)
		}
	}
	// Cut to what bcrypt reads, the password would open the account.
	cut := person{p, "long@example.com", long[:72]}
	p.send(t, http.MethodPost, "/api/v1/auth/login", cut.credentials()).problem(t, http.StatusUnauthorized, "INVALID_CREDENTIALS")
	for _, c := range []struct{ body, field, rule string }{
		{`{"email":"short@example.com","password":"fourteen chars"}`, "password", "string.min_len"},
		{`{"email":"no address","password":"a long enough password"}`, "email", "string.email"},
		{`{"email":"a@example.com","password":"a long enough password","admin":true}`, "admin", "json.unknown_field"},
	} {
		p.send(t, http.MethodPost, "/api/v1/auth/register", c.body).problem(t, http.StatusBadRequest, "INVALID_REQUEST").names(t, c.field, c.rule)
	}
}
