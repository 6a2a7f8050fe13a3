package plan

import (
	"slices"
	"strings"
)

// Hosts returns the host names, with ports where they are written, of the URLs that the connection sends requests to,
// as far as they are known when it is compiled, sorted: a list to restrict an egress policy to. complete is false when
// the host of some URL is only known to a run, because it is computed of parameters or data.
func (p *Plan) Hosts() (hosts []string, complete bool) {
	complete = true
	if p.Connection != nil {
		p.hosts(p.Connection, func(host string) { hosts = append(hosts, host) }, &complete)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), complete
}

func (p *Plan) hosts(c *Connection, found func(string), complete *bool) {
	c.eachRequest(func(r *Request) {
		own, relative, known := p.hostOf(r.URL)
		if relative {
			own, _, known = p.hostOf(r.BaseURL)
		}
		switch {
		case r.URL == 0 && r.BaseURL == 0:
		case r.URL == 0:
			if own, _, known = p.hostOf(r.BaseURL); !known {
				*complete = false
				break
			}
			found(own)
		case !known:
			*complete = false
		case own != "":
			found(own)
		}
	})
	for i := range c.Variants {
		p.hosts(&c.Variants[i].Connection, found, complete)
	}
}

// hostOf returns the host of a URL that is constant, or begins with a constant that holds the whole of the host.
func (p *Plan) hostOf(ref Ref) (host string, relative, known bool) {
	v, constant := p.Constant(ref)
	text := v.Str()
	if !constant {
		f := p.Function(ref)
		if f == nil || len(f.Code) == 0 || f.Code[0].Op != OpConst {
			return "", false, false
		}
		text = p.Constants[f.Code[0].A].Str()
	}
	_, rest, absolute := strings.Cut(strings.TrimSpace(text), "://")
	if !absolute {
		return "", strings.HasPrefix(text, "/"), strings.HasPrefix(text, "/")
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		if !constant {
			return "", false, false // the rest of the host may be computed
		}
		end = len(rest)
	}
	host = rest[:end]
	return strings.ToLower(host[strings.LastIndexByte(host, '@')+1:]), false, true
}
