import Directory
import HTTP
import JSON
import SCIM
import Tenancy

extension AdminHandler {
    /// `/tenants/NAME/documents/resource-types` and `…/openapi`: what a tenant's clients are told, written from its schemas.
    ///
    /// Nil if the path is another one.
    func documents(_ request: Request) throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .get, path.count == 4, path[0] == "tenants", path[2] == "documents" else {
            return nil
        }
        switch path[3] {
        case "resource-types":
            let catalog = try administration.catalog(ofTenant: path[1])
            let pages = catalog.resourceTypes.map { type -> JSONValue in
                [
                    "name": .string(type.name),
                    "text": .string(ResourceTypePage(type, baseURL: tenantURL(path[1])).text),
                ]
            }
            return AdminMessage.json([.init("pages", .array(pages))])
        case "openapi":
            let description = OpenAPIDescription(
                catalog: try administration.catalog(ofTenant: path[1]),
                features: features,
                baseURL: tenantURL(path[1])
            )
            return AdminMessage.json(.ok, description.json)
        default: return nil
        }
    }
}
