// Bounds around what a single built-in function can take: memory at a blow, or a walk over a length that nothing is
// behind. They hold for honest mistakes and for sources that name these functions; see the package comment.
//
// They are put around what a source mentions, by name; "walks" are all functions that walk over lists.
(function (names) {
  const most = 16 * 1024 * 1024, items = 1000000;
  const range = (what) => { throw new RangeError(what + " is beyond what a script may have"); };
  const guard = (object, name, check) => {
    const inner = object[name];
    if (typeof inner !== "function") return;
    object[name] = function () {
      check(this, arguments);
      return inner.apply(this, arguments);
    };
  };
  const size = (v) => (typeof v === "string" ? v.length : 0);
  const pad = (t, a) => { if (+a[0] > most) range("the text"); };
  const walk = (t) => { if (t != null && t.length > items) range("the list"); };
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    switch (name) {
      case "repeat":
        guard(String.prototype, name, (t, a) => { if (size(t) * +a[0] > most) range("the text"); });
        break;
      case "padStart":
      case "padEnd":
        guard(String.prototype, name, pad);
        break;
      case "replace":
      case "replaceAll":
        guard(String.prototype, name, (t, a) => {
          const many = name === "replaceAll" || a[0] && a[0].global;
          if (many && size(t) * (size(a[1]) || 1) > 4 * most) range("the text");
        });
        break;
      case "join":
        guard(Array.prototype, name, (t, a) => { if (t != null && t.length * (size(a[0]) || 1) > most) range("the text"); });
        break;
      case "stringify":
        guard(JSON, name, (t, a) => {
          let left = most;
          const look = (x, depth) => {
            if (typeof x === "string") left -= x.length;
            if (--left < 0 || depth > 500) range("the JSON");
            if (x !== null && typeof x === "object") {
              if (Array.isArray(x) && x.length > items) range("the list");
              for (const k of Object.keys(x)) look(x[k], depth + 1);
            }
          };
          look(a[0], 0);
        });
        break;
      case "walks":
        for (const method of ["at", "concat", "copyWithin", "every", "fill", "filter", "find", "findIndex", "findLast", "findLastIndex", "flat", "flatMap",
          "forEach", "includes", "indexOf", "keys", "lastIndexOf", "map", "reduce", "reduceRight", "reverse", "shift", "slice", "some", "sort", "splice",
          "toReversed", "toSorted", "toSpliced", "toString", "unshift", "values", "with", "entries"]) guard(Array.prototype, method, walk);
        guard(Array, "from", (t, a) => walk(a[0]));
        break;
      default: {
        const inner = globalThis[name];
        if (inner === undefined) break;
        const outer = new Proxy(inner, { construct(target, a, to) {
          const n = a[0] !== null && typeof a[0] === "object" ? a[0].length : a[0];
          if (n > most) range("the buffer");
          return Reflect.construct(target, a, to === outer ? target : to);
        } });
        Object.defineProperty(inner.prototype, "constructor", { value: outer });
        globalThis[name] = outer;
      }
    }
  }
})
