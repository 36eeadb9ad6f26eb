package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/internal/filestore"
)

// section is a part of the doctor's report: findings under the names of the targets that have them.
type section struct {
	targets  []string
	findings []findingJSON
}

// heading returns the names, but no more than fit on a few lines.
func (s section) heading() string {
	const most = 10
	names, more := s.targets, ""
	if len(names) == 1 {
		return kindOf(names) + " " + names[0]
	}
	if len(names) > most {
		names, more = names[:most-1], fmt.Sprintf(" and %d more", len(names)-most+1)
	}
	return kindOf(s.targets) + "s " + strings.Join(names, ", ") + more
}

// kindOf returns what the targets are.
func kindOf(targets []string) string {
	isConnection := func(name string) bool { return !filestore.IsPath(name) }
	switch {
	case !slices.ContainsFunc(targets, filestore.IsPath):
		return "connection"
	case !slices.ContainsFunc(targets, isConnection):
		return "token"
	default:
		return "target"
	}
}

// holders are the targets that have the same finding.
type holders struct {
	names  []string
	differ bool // in the remedies: they name the target
}

// sections returns the findings of the targets. If the report is brief, a finding that several
// targets have follows once, under all their names. anyName returns the remedy for the connection NAME.
func (r doctorReport) sections(anyName func(doctor.Finding) string) []section {
	var own []section
	having := map[doctor.Finding]*holders{}
	remedies := map[doctor.Finding]string{}
	for _, e := range r.Targets {
		s := section{[]string{e.Target}, r.summarize(e.Findings)}
		own = append(own, s)
		for _, f := range s.findings {
			switch h := having[f.Finding]; {
			case !r.brief:
			case h == nil:
				having[f.Finding], remedies[f.Finding] = &holders{names: s.targets}, f.Remedy
			case !slices.Contains(h.names, e.Target):
				h.names, h.differ = append(slices.Clip(h.names), e.Target), h.differ || f.Remedy != remedies[f.Finding]
			}
		}
	}
	var common []section
	for i, s := range own {
		own[i].findings = slices.DeleteFunc(slices.Clone(s.findings), func(f findingJSON) bool {
			h := having[f.Finding]
			if h == nil || !h.isCommon() {
				return false
			}
			if h.differ {
				f.Remedy = anyName(f.Finding)
			}
			if h.names[0] == s.targets[0] {
				common = addTo(common, h.names, f)
			}
			return true
		})
	}
	return append(own, common...)
}

// isCommon reports whether there are several targets, and one remedy that suits all of them.
func (h *holders) isCommon() bool {
	return len(h.names) > 1 && !(h.differ && slices.ContainsFunc(h.names, filestore.IsPath))
}

// addTo adds a finding to the section with these targets, or as a new section.
func addTo(all []section, targets []string, f findingJSON) []section {
	for i, s := range all {
		if slices.Equal(s.targets, targets) {
			all[i].findings = append(s.findings, f)
			return all
		}
	}
	return append(all, section{targets, []findingJSON{f}})
}
