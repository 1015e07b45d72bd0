package mongodb

import (
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/event"
)

// Pool is how much the connections are used, over all servers.
type Pool struct {
	Open    int // connections
	InUse   int // of them
	Waiting int // operations without a connection
	Max     int // connections to each server
}

// pool counts what the driver reports.
type pool struct {
	open, inUse, waiting atomic.Int64
	max                  uint64
}

func (p *pool) monitor() *event.PoolMonitor {
	return &event.PoolMonitor{Event: func(e *event.PoolEvent) {
		switch e.Type {
		case event.ConnectionCreated:
			p.open.Add(1)
		case event.ConnectionClosed:
			p.open.Add(-1)
		case event.ConnectionCheckOutStarted:
			p.waiting.Add(1)
		case event.ConnectionCheckOutFailed:
			p.waiting.Add(-1)
		case event.ConnectionCheckedOut:
			p.waiting.Add(-1)
			p.inUse.Add(1)
		case event.ConnectionCheckedIn:
			p.inUse.Add(-1)
		}
	}}
}

func (p *pool) figures() Pool {
	return Pool{
		Open:    int(p.open.Load()),
		InUse:   int(p.inUse.Load()),
		Waiting: int(p.waiting.Load()),
		Max:     int(p.max),
	}
}
