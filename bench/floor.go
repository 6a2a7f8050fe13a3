package perfbench

import (
	"strconv"
	"strings"
	"time"
)

// document is the document as a Go programmer has it.
type document = map[string]any

func get(v any, k string) any {
	if m, ok := v.(map[string]any); ok {
		return m[k]
	}
	return nil
}

func idx(v any, i int) any {
	if a, ok := v.([]any); ok && i < len(a) {
		return a[i]
	}
	return nil
}
func num(v any) float64 { f, _ := v.(float64); return f }
func str(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case float64:
		if i := int64(x); float64(i) == x {
			return strconv.FormatInt(i, 10)
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

func formatDate(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}

var floor = map[string]func(c document) any{
	"01_literal":    func(c document) any { return "https://api.example.com/v2/users" },
	"02_path_typed": func(c document) any { return get(get(c["body"], "data"), "id") },
	"03_deep_path": func(c document) any {
		return get(get(get(idx(get(get(c["body"], "data"), "items"), 2), "owner"), "contact"), "email")
	},
	"04_arith": func(c document) any { p := c["parameters"]; return (num(get(p, "a"))+num(get(p, "b")))*2 - 1 },
	"05_if": func(c document) any {
		b := c["body"]
		if num(get(b, "id")) > 100 {
			return get(b, "user")
		}
		return false
	},
	"06_concat5": func(c document) any {
		p := c["parameters"]
		return "https://" + str(get(p, "host")) + "/" + str(get(p, "version")) + "/users/" + str(get(c["body"], "user")) + "/items/" + str(get(p, "itemId")) + "?token=" + str(get(c["connection"], "accessToken"))
	},
	"07_chain": func(c document) any { return strings.ToUpper(strings.TrimSpace(str(get(c["parameters"], "name")))) },
	"08_filter_map": func(c document) any {
		items, _ := get(get(c["body"], "data"), "items").([]any)
		out := make([]any, 0, len(items))
		for _, x := range items {
			if a, _ := get(x, "active").(bool); a {
				out = append(out, get(x, "name"))
			}
		}
		return out
	},
	"09_formatDate": func(c document) any { return formatDate(str(get(c["body"], "createdAt"))) },
	"10_bool": func(c document) any {
		b := c["body"]
		return get(b, "success") == true && num(get(b, "count")) != 0
	},
	"11_flat10": func(c document) any {
		p, b := c["parameters"], c["body"]
		var limit any = 100.0
		if l := get(p, "limit"); num(l) <= 100 {
			limit = l
		}
		m := make(document, 10)
		m["Authorization"] = "Bearer " + str(get(c["connection"], "accessToken"))
		m["Accept"] = "application/json"
		m["Content-Type"] = "application/json"
		m["X-User"] = get(b, "user")
		m["X-Request-Path"] = "/" + str(get(p, "version")) + "/users/" + str(get(b, "user"))
		m["X-Host"] = get(p, "host")
		m["X-Name"] = strings.ToUpper(strings.TrimSpace(str(get(p, "name"))))
		m["page"] = get(p, "page")
		m["limit"] = limit
		m["sort"] = str(get(p, "sortBy")) + ":" + str(get(p, "sortDir"))
		return m
	},
	"12_nested30": func(c document) any {
		p, b := c["parameters"], c["body"]
		addr := get(p, "address")
		items := get(get(b, "data"), "items")
		i0, i1 := idx(items, 0), idx(items, 1)
		street, city, zip := get(addr, "street"), get(addr, "city"), get(addr, "zip")
		qty, price := get(p, "a"), get(p, "b")
		tot := num(qty) * num(price)
		cur := "EUR"
		if get(addr, "country") == "cz" {
			cur = "CZK"
		}
		return document{
			"id": get(b, "id"), "ref": "ref-" + str(get(b, "id")), "type": "contact", "active": get(b, "success") == true,
			"person": document{
				"first": get(p, "first"), "last": get(p, "last"), "full": str(get(p, "first")) + " " + str(get(p, "last")),
				"upper": strings.ToUpper(str(get(p, "last"))),
				"email": get(get(get(idx(items, 2), "owner"), "contact"), "email"),
				"address": document{"street": street, "city": city, "zip": zip, "country": strings.ToUpper(str(get(addr, "country"))),
					"label": str(street) + ", " + str(zip) + " " + str(city)},
			},
			"order": document{"qty": qty, "price": price, "total": tot, "tax": tot * 0.25, "currency": cur,
				"note": "Order " + str(get(p, "itemId")) + " for " + str(get(b, "user")),
				"lines": []any{
					document{"sku": get(i0, "name"), "n": get(i0, "id"), "p": get(i0, "price")},
					document{"sku": get(i1, "name"), "n": get(i1, "id"), "p": get(i1, "price")},
				}},
			"meta": document{"source": "engine", "version": get(p, "version"), "host": get(p, "host"), "page": get(p, "page"), "token": "tok:" + str(get(c["connection"], "accessToken"))},
		}
	},
}
