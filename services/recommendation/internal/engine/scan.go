package engine

// none stands for no row.
const none = -1

// podium is the cheapest row of a place and the one after it.
type podium struct{ first, second int }

// survey is what a walk over all rows finds for one workload.
type survey struct {
	counts Counts
	// podiums has one for every place.
	podiums []podium
	second  bool
}

// survey walks the rows with the usual classes and, if that leaves nothing,
// with the older and special ones as well.
func (m *Market) survey(w Workload, n Need, admission []Reason) survey {
	s := m.walk(m.test(w, n, false), admission)
	if s.counts[Feasible] == 0 {
		s = m.walk(m.test(w, n, true), admission)
		s.second = true
	}
	return s
}

func (m *Market) walk(t test, admission []Reason) survey {
	s := survey{podiums: make([]podium, len(m.places))}
	for p, place := range m.places {
		best := podium{none, none}
		if verdict := admission[p]; verdict != Feasible {
			s.counts[verdict] += place.to - place.from
			s.podiums[p] = best
			continue
		}
		for i := place.from; i < place.to; i++ {
			reason := m.columns.reject(i, &t)
			s.counts[reason]++
			if reason != Feasible {
				continue
			}
			// All rows of a place take as many instances for as many hours,
			// so that the price alone ranks them. The earlier row keeps its
			// rank where prices are equal.
			switch price := t.prices[i]; {
			case best.first == none || price < t.prices[best.first]:
				best = podium{i, best.first}
			case best.second == none || price < t.prices[best.second]:
				best.second = i
			}
		}
		s.podiums[p] = best
	}
	return s
}
