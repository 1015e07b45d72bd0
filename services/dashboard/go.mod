module github.com/inframind/inframind/services/dashboard

go 1.26.0

require (
	github.com/inframind/inframind/pkg v0.0.0
	github.com/inframind/inframind/proto v0.0.0
	github.com/jonboulle/clockwork v0.5.0
	google.golang.org/grpc v1.85.0
	google.golang.org/protobuf v1.36.12
)

require (
	buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go v1.36.12-20260825204119-511051f7f437.1 // indirect
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/grpc-ecosystem/grpc-gateway/v2 v2.33.0 // indirect
	golang.org/x/net v0.61.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20261026165753-2ffab32bce7e // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261104224025-d1e00e9f33ab // indirect
)

replace (
	github.com/inframind/inframind/pkg => ../../pkg
	github.com/inframind/inframind/proto => ../../proto
)
