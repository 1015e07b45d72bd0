package mongodb_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// opQuery is the form of the first command on a connection, opMsg that of all others.
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

// misbehave listens as a MongoDB server does, and answers what no real one can be
// made to. answer gets each command but the greeting; nil leaves it unanswered. It
// goes away at the end of the test, or before that.
func misbehave(t *testing.T, answer func(command string) bson.D) (address string, goAway func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		conns []net.Conn
	)
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			wg.Go(func() { converse(conn, answer) })
		}
	})
	goAway = func() {
		listener.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	}
	t.Cleanup(goAway)
	return listener.Addr().String(), goAway
}

// converse answers until the client hangs up.
func converse(conn net.Conn, answer func(string) bson.D) {
	for {
		var header [16]byte
		if _, err := io.ReadFull(conn, header[:]); err != nil {
			return
		}
		rest := make([]byte, binary.LittleEndian.Uint32(header[:])-16)
		if _, err := io.ReadFull(conn, rest); err != nil {
			return
		}
		body := bson.Raw(rest[5:]) // behind the flags and the kind of section
		operation := binary.LittleEndian.Uint32(header[12:])
		if operation == opQuery {
			for i, b := range rest[4:] { // behind the flags, the collection and two numbers
				if b == 0 {
					body = bson.Raw(rest[4+i+1+8:])
					break
				}
			}
		}
		command := body.Index(0).Key()
		var reply bson.D
		if command == "isMaster" || command == "ismaster" || command == "hello" {
			reply = bson.D{
				{Key: "ok", Value: 1},
				{Key: "ismaster", Value: true},
				{Key: "maxWireVersion", Value: 21},
				{Key: "maxBsonObjectSize", Value: 16 << 20},
				{Key: "maxMessageSizeBytes", Value: 48 << 20},
				{Key: "maxWriteBatchSize", Value: 1000},
			}
		} else if reply = answer(command); reply == nil {
			continue
		}
		if _, err := conn.Write(message(operation, header, reply)); err != nil {
			return
		}
	}
}

func message(operation uint32, request [16]byte, reply bson.D) []byte {
	document, err := bson.Marshal(reply)
	if err != nil {
		panic(err)
	}
	var before []byte
	if operation == opQuery {
		operation = opReply
		before = append(make([]byte, 16), 1, 0, 0, 0) // flags, cursor, start; one document
	} else {
		before = make([]byte, 5) // flags, kind of section
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(16+len(before)+len(document)))
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = append(out, request[4:8]...) // that it answers
	out = binary.LittleEndian.AppendUint32(out, operation)
	return append(append(out, before...), document...)
}
