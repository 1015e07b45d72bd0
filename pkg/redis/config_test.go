package redis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/redis"
)

func TestTheHostIsEnough(t *testing.T) {
	var c redis.Config
	if err := config.Load(&c, []string{"REDIS_HOST=redis"}); err != nil {
		t.Fatal(err)
	}
	if c.Port != 6379 || c.Mode != redis.Single || c.Timeout != 250*time.Millisecond || c.TLS.Enabled {
		t.Errorf("loaded %+v", c)
	}
}

func TestSettingsThatContradictEachOtherAreFaults(t *testing.T) {
	for environ, want := range map[string]string{
		"":                               "REDIS_HOST must be set",
		"REDIS_PORT=70000":               "REDIS_PORT must be between",
		"INFRA_MIND_REDIS_MODE=ring":     "INFRA_MIND_REDIS_MODE must be single, sentinel or cluster",
		"INFRA_MIND_REDIS_ADDRESSES=a:1": "INFRA_MIND_REDIS_ADDRESSES is for",
		"INFRA_MIND_REDIS_MODE=sentinel": "INFRA_MIND_REDIS_MASTER must be set",
		"INFRA_MIND_REDIS_MASTER=m":      "INFRA_MIND_REDIS_MASTER is for the mode sentinel",
		"INFRA_MIND_REDIS_MODE=cluster INFRA_MIND_REDIS_DATABASE=1":      "INFRA_MIND_REDIS_DATABASE must be 0",
		"INFRA_MIND_REDIS_DATABASE=-1":                                   "INFRA_MIND_REDIS_DATABASE must not be negative",
		"INFRA_MIND_REDIS_MODE=cluster INFRA_MIND_REDIS_ADDRESSES=a:1,b": "host:port; item 2",
		"INFRA_MIND_REDIS_USERNAME=u":                                    "INFRA_MIND_REDIS_PASSWORD must be set",
		"INFRA_MIND_REDIS_SENTINEL_USERNAME=u":                           "INFRA_MIND_REDIS_SENTINEL_PASSWORD must be set",
		"INFRA_MIND_REDIS_TIMEOUT=1us":                                   "INFRA_MIND_REDIS_TIMEOUT must be at least",
		"INFRA_MIND_REDIS_DIAL_TIMEOUT=-1s":                              "INFRA_MIND_REDIS_DIAL_TIMEOUT must be at least",
		"INFRA_MIND_REDIS_CONNECTIONS=-1":                                "INFRA_MIND_REDIS_CONNECTIONS must be at least",
		"INFRA_MIND_REDIS_TLS_CA=ca.pem":                                 "INFRA_MIND_REDIS_TLS must be true",
		"INFRA_MIND_REDIS_TLS=true INFRA_MIND_REDIS_TLS_KEY=k":           "INFRA_MIND_REDIS_TLS_CERTIFICATE and INFRA_MIND_REDIS_TLS_KEY",
	} {
		t.Run(environ, func(t *testing.T) {
			settings := strings.Fields(environ)
			if want != "REDIS_HOST must be set" {
				settings = append(settings, "REDIS_HOST=redis")
			}
			var c redis.Config
			err := config.Load(&c, settings)
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one fault with %q", err, want)
			}
		})
	}
}
