import SCIM
import Storage
import Tenancy

extension QueryRun {
    /// How the resources were found: an index by its attribute, several of them, `id`, `edges`, or `scan` for a look at all.
    ///
    /// Names attributes, never values.
    package var planName: String {
        switch plan {
        case nil: "none"
        case .gather, .matches: indexNames ?? "id"
        case .order(let list): "order " + (list.rows?.path ?? "missing")
        case .candidates:
            indexNames ?? part.filter?.equalities.first.map { $0.attribute.path.description } ?? "id"
        case .walk(let rows) where rows.bounds != nil: "id"
        case .walk(let rows) where rows.areRecords: part.filter == nil ? "all" : "scan"
        case .walk(let rows) where rows.set != nil: "edges"
        case .walk(let rows): indexName(of: rows.prefix) ?? "index"
        }
    }

    private func indexName(of prefix: Key) -> String? {
        part.kind.indexes.first {
            prefix.bytes.starts(with: $0.rows(query.tenant, part.kind.code).bytes)
        }?.path
    }
}
