// Package engine chooses infrastructure. It takes the rows of a price catalogue
// and a description of what must run, and answers with what every workload
// could run on, what it would cost, and why everything else was turned down.
//
// It is a pure library: no input or output, no clock, no randomness, nothing
// but the standard library, and no floating point once a figure is inside. The
// same rows and the same assessment give the same answer to the last bit, in
// whatever order the rows came.
//
// The way through it, in the order in which a reader meets it:
//
//	recommend.go the question and the answer
//	row.go       what can be bought: Row, and the facts that decide
//	market.go    Compile turns rows into a Market of columns
//	assess.go    what must run: Assessment, Workload, and their bounds
//	need.go      sizing: what one instance of a workload has to offer
//	sla.go       how many instances an availability target takes
//	reject.go    the one reason for which a row is turned down
//	price.go     how a row is bought, and at what price
//	scan.go      the walk over the rows: counts, and the best two per region
//	couple.go    which workloads must stand together, and the best way to do so
//	plan.go      lines, totals, savings, the budget
//	miss.go      what came nearest when nothing fits
//	note.go      what a reader has to know to read the figures right
//	amount.go    quantities in whole millionths
//	money.go     exact money, and rounding half up
//
// docs/engine.md at the root of the repository says what the answers mean and
// records every decision behind them.
package engine
