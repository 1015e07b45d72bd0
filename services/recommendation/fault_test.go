package recommendation_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/services/recommendation"
)

func TestWhileAssessmentsCannotBeReadSetsStillCan(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	set := s.generate("usr_a", "asm_1", "key")
	s.assessments.breakWith(errs.Unavailable("STORAGE_UNAVAILABLE", "the storage cannot be used now", 3*time.Second))

	_, err := s.tryGenerate("usr_a", "asm_1", "key")
	if e := refused(t, err, errs.KindUnavailable, "STORAGE_UNAVAILABLE"); e.RetryAfter != 3*time.Second {
		t.Errorf("retry after %v, want what the assessment service said", e.RetryAfter)
	}
	_, err = s.tryList("usr_a", "asm_1", 0, "")
	refused(t, err, errs.KindUnavailable, "STORAGE_UNAVAILABLE")
	if got, err := s.tryGet("usr_a", set.GetId()); err != nil || !proto.Equal(got, set) {
		t.Errorf("the set is read as %v, %v", got, err)
	}
	if err := s.service.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
}

func TestWhenNobodyAnswersForAssessmentsItIsUnavailableForNow(t *testing.T) {
	s := &suite{t: t, clock: clockwork.NewFakeClockAt(start), folder: t.TempDir()}
	s.issuer = testkit.NewIssuer(t, s.clock)
	s.serve(rpc.NewMemory())
	_, err := s.tryGenerate("usr_a", "asm_1", "")
	if e := refused(t, err, errs.KindUnavailable, "UNAVAILABLE"); e.RetryAfter <= 0 || strings.Contains(e.Message, "listening") {
		t.Errorf("%q, retry after %v", e.Message, e.RetryAfter)
	}
}

func TestAnAnswerWithoutAnAssessmentIsNoAssessment(t *testing.T) {
	s := newSuite(t)
	s.assessments.answerNothing()
	_, err := s.tryGenerate("usr_a", "asm_1", "")
	internal(t, err)
	_, err = s.tryList("usr_a", "asm_1", 0, "")
	internal(t, err)
}

// internal checks that an error says nothing but that there was one.
func internal(t *testing.T, err error) {
	t.Helper()
	if st := status.Convert(err); st.Code() != codes.Internal || st.Message() != "an internal error occurred" {
		t.Errorf("got %v", err)
	}
}

func TestABrokenDatabaseIsUnavailableAndSaysNothingOfItself(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	set := s.generate("usr_a", "asm_1", "key")
	if err := s.service.Close(); err != nil {
		t.Fatal(err)
	}
	_, generated := s.tryGenerate("usr_a", "asm_1", "key")
	_, listed := s.tryList("usr_a", "asm_1", 0, "")
	_, read := s.tryGet("usr_a", set.GetId())
	for call, err := range map[string]error{"generate": generated, "list": listed, "get": read} {
		e := refused(t, err, errs.KindUnavailable, "STORAGE_UNAVAILABLE")
		if e.RetryAfter <= 0 || strings.Contains(e.Message, "sql") || strings.Contains(e.Message, s.folder) {
			t.Errorf("%s: %q, retry after %v", call, e.Message, e.RetryAfter)
		}
	}
	if err := s.service.Ready(t.Context()); err == nil {
		t.Error("ready without a database")
	}
}

func TestAChangedContentIsNeverServed(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	set := s.generate("usr_a", "asm_1", "key")

	db, err := sql.Open("sqlite", filepath.Join(s.folder, "recommendation.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// An empty content is a valid message: only the checksum tells.
	if _, err := db.ExecContext(t.Context(), "UPDATE recommendation_sets SET content = x''"); err != nil {
		t.Fatal(err)
	}
	_, err = s.tryGet("usr_a", set.GetId())
	internal(t, err)
	_, err = s.tryGenerate("usr_a", "asm_1", "key")
	internal(t, err)
	if listed := s.list("usr_a", "asm_1"); len(listed) != 1 {
		t.Errorf("%d sets are listed", len(listed))
	}
}

func TestSetsAndKeysSurviveARestart(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	before := s.generate("usr_a", "asm_1", "key")
	if err := s.service.Close(); err != nil {
		t.Fatal(err)
	}
	network := rpc.NewMemory()
	testkit.Serve(t, "assessment", s.assessments.register, testkit.WithIssuer(s.issuer), testkit.WithNetwork(network))
	s.serve(network)
	if got, err := s.tryGet("usr_a", before.GetId()); err != nil || !proto.Equal(got, before) {
		t.Errorf("read as %v, %v", got, err)
	}
	if again := s.generate("usr_a", "asm_1", "key"); !proto.Equal(again, before) {
		t.Errorf("the repeat is %v", again)
	}
}

func TestAFolderThatCannotBeUsedIsSaidAtStart(t *testing.T) {
	service, err := recommendation.New(t.Context(),
		recommendation.Config{Environment: config.Development, DataDir: "/dev/null"},
		recommendation.Deps{Telemetry: telemetry.Discard(), Clock: clockwork.NewFakeClock()})
	if err == nil {
		t.Error("started", service.Close())
	}
}

func TestEverySettingThatIsMissingIsNamed(t *testing.T) {
	var c recommendation.Config
	err := config.Load(&c, []string{"ENVIRONMENT=staging"})
	if err == nil || !strings.Contains(err.Error(), "ENVIRONMENT") || !strings.Contains(err.Error(), "INFRA_MIND_DATA_DIR") {
		t.Errorf("got %v", err)
	}
	if err := config.Load(&c, []string{"ENVIRONMENT=production", "INFRA_MIND_DATA_DIR=/data"}); err != nil || c.DataDir != "/data" || c.Environment != config.Production {
		t.Errorf("%+v, %v", c, err)
	}
}
