//go:build redis

package redis_test

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/cache/cachetest"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/limit/limittest"
	"github.com/inframind/inframind/pkg/redis"
	"github.com/inframind/inframind/pkg/redis/redistest"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/revocation/revocationtest"
)

// rights are the ones the package comment names, of a user of a single server.
const rights = "+ping +info +time +get +set +del +eval +evalsha ~inframind:*"

// runAll runs every suite over a client of the process.
func runAll(t *testing.T, p *redistest.Process, client *redis.Client) {
	t.Run("limit", func(t *testing.T) {
		limittest.Run(t, func(clock *clockwork.FakeClock) limit.Limiter {
			p.Flush()
			return limit.NewRedis(client, limit.WithClock(clock))
		})
		if r, err := limit.NewRedis(client).Take(t.Context(), limit.Check{Key: "a", Requests: 1, Window: time.Minute}); err != nil || !r.Allowed {
			t.Errorf("by the server's time: %+v, %v", r, err)
		}
	})
	t.Run("revocation", func(t *testing.T) {
		revocationtest.Run(t, func(clock *clockwork.FakeClock) revocation.Store {
			p.Flush()
			return revocation.NewRedis(client, clock)
		})
	})
	t.Run("cache", func(t *testing.T) {
		cachetest.Run(t, func() (cache.Cache, cachetest.Pass) {
			p.Flush()
			return cache.NewRedis(client, clockwork.NewFakeClock(), slog.New(slog.DiscardHandler)), p.Pass
		})
	})
}

func TestAUserWithNoMoreThanTheNamedRightsCanDoEverything(t *testing.T) {
	t.Log(redistest.Version(t))
	p := redistest.Start(t)
	p.User("platform", secret, rights)
	client := redistest.Open(t, p, "INFRA_MIND_REDIS_USERNAME=platform", setPassword)
	if err := client.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	runAll(t, p, client)
}

func TestTheServerRefusesAWrongUser(t *testing.T) {
	p := redistest.Start(t, "--requirepass", "another")
	refused(t, redistest.Config(t, p), "it wants a password")
	refused(t, redistest.Config(t, p, setPassword), "refuses the user name or the password")
	refused(t, redistest.Config(t, p, setPassword, "INFRA_MIND_REDIS_USERNAME=nobody"), "refuses the user name or the password")
}

func TestAUserWithoutARightIsToldWhich(t *testing.T) {
	p := redistest.Start(t)
	p.User("platform", secret, strings.Replace(rights, "+info", "", 1))
	refused(t, redistest.Config(t, p, "INFRA_MIND_REDIS_USERNAME=platform", setPassword), "the user lacks a right: NOPERM")
}

func TestTheServersPolicyIsAsked(t *testing.T) {
	refused(t, redistest.Config(t, redistest.Start(t, "--maxmemory-policy", "allkeys-lru")), `"allkeys-lru" and must be noeviction`)
}

func TestAServerThatHangsAtStartIsNotWaitedForLong(t *testing.T) {
	p := redistest.Start(t)
	p.Pause()
	defer p.Resume()
	started := time.Now()
	refused(t, redistest.Config(t, p, redistest.Impatient), "redis at")
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestEveryOperationIsOnOneSlotOfACluster(t *testing.T) {
	p := redistest.StartCluster(t)
	if _, err := redistest.Open(t, p).MGet(t.Context(), "a", "b").Result(); err == nil || !strings.Contains(err.Error(), "CROSSSLOT") {
		t.Fatalf("the cluster does not mind several slots: %v", err)
	}
	p.User("platform", secret, rights+" +cluster|slots")
	client := redistest.Open(t, p, "INFRA_MIND_REDIS_MODE=cluster", "INFRA_MIND_REDIS_USERNAME=platform", setPassword)
	runAll(t, p, client)
}

func TestTheSettingsOfEveryMasterOfAClusterAreAsked(t *testing.T) {
	p := redistest.StartCluster(t)
	p.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	refused(t, redistest.Config(t, p, "INFRA_MIND_REDIS_MODE=cluster"), "must be noeviction")
}

func TestSentinelsNameTheMasterAndReplaceIt(t *testing.T) {
	master, replica := redistest.Start(t), redistest.Start(t)
	replica.Do("REPLICAOF", "127.0.0.1", strconv.Itoa(master.Port()))
	master.Eventually(func() bool { return strings.Contains(master.Do("INFO", "replication").(string), "state=online") })
	sentinel := redistest.StartSentinel(t, "ours", master)
	sentinel.Eventually(func() bool { return len(sentinel.Do("SENTINEL", "REPLICAS", "ours").([]any)) == 1 })

	settings := []string{"INFRA_MIND_REDIS_MODE=sentinel", "INFRA_MIND_REDIS_MASTER=ours"}
	runAll(t, master, redistest.Open(t, sentinel, settings...))

	client := redistest.Open(t, sentinel, append(settings, redistest.Impatient)...)
	s := revocation.NewRedis(client, clockwork.NewRealClock())
	if err := s.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ended := revocation.Entry{Kind: revocation.Session, ID: "s1"}
	if err := s.Revoke(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	master.Kill()
	sentinel.Eventually(func() bool { return client.Ready(t.Context()) == nil })
	revoked, err := s.Revoked(t.Context(), revocation.Query{SessionID: "s1"})
	if !errs.Is(err, errs.KindUnavailable) || revoked {
		t.Errorf("a replica that took over says %t, %v", revoked, err)
	}
}

func BenchmarkRedisServerPing(b *testing.B) {
	client := redistest.Open(b, redistest.Start(b))
	ctx := b.Context()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := client.Ready(ctx); err != nil {
				b.Error(err)
			}
		}
	})
}
