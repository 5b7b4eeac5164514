import Audit
import Directory
import HTTP
import JSON
import SCIM
import Tenancy

// RFC 7644 §4: what this server offers, told from the same values that it acts on.

extension RequestPipeline {
    /// Answers on the loop, or beside the loops for a tenant with schemas of its own, which may be long.
    func answerDiscovery(_ route: Route, _ exchange: Exchange) throws(Refusal) -> Outcome {
        guard exchange.access?.kinds.head != nil else { return .ready(try discover(route, exchange)) }
        return .pending {
            do throws(Refusal) {
                return try await self.inBackground(exchange) { () throws(Refusal) in
                    try self.discover(route, exchange)
                }
            } catch {
                return self.answerRefusal(error, exchange)
            }
        }
    }

    func discover(_ route: Route, _ exchange: Exchange) throws(Refusal) -> Response {
        guard route.methods.contains(exchange.request.method) else { throw .methodNotAllowed(route.methods) }
        // RFC 7644 §4: other query parameters are ignored here, a filter is refused.
        guard !exchange.request.target.queryItems.contains(where: { $0.name == "filter" }) else {
            throw Refusal(
                .forbidden,
                .discoveryFilter,
                reason: .malformed
            )
        }
        let base = exchange.baseURL
        let catalog = exchange.access?.kinds.catalog ?? .core
        switch route {
        case .serviceProviderConfig:
            var features = features
            // D-06: what is told is what is done for this tenant.
            if let access = exchange.access { features.etag = access.profile.contains(.conditionalRequests) }
            return document(ServiceProviderConfig(features).json(baseURL: base))
        case .schemas:
            return list(catalog.schemas.map { $0.json(baseURL: base) })
        case .schema(let id):
            guard let schema = catalog.schema(urn: id) else { throw .noSuchResource }
            return document(schema.json(baseURL: base))
        case .resourceTypes:
            return list(catalog.resourceTypes.map { $0.json(baseURL: base) })
        case .resourceType(let name):
            guard let type = catalog.resourceTypes.first(where: { $0.name == name }) else {
                throw .noSuchResource
            }
            return document(type.json(baseURL: base))
        case .collection, .resource, .root, .search, .searchRoot, .bulk, .notOffered:
            throw .noSuchEndpoint
        }
    }

    private func document(_ value: JSONValue) -> Response {
        var body: [UInt8] = []
        value.write(to: &body)
        return Response(.ok, contentType: MediaType.scim, body: body)
    }

    private func list(_ values: [JSONValue]) -> Response {
        var body: [UInt8] = []
        ListResponse.begin(&body)
        for (index, value) in values.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            value.write(to: &body)
        }
        ListResponse.end(&body, totalResults: values.count, startIndex: 1, itemsPerPage: values.count)
        return Response(.ok, contentType: MediaType.scim, body: body)
    }
}
