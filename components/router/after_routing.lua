-- pre-function, access, where a model has none of its own: what the route was found by is not for the model to know.
return function() ngx.req.clear_header(C.routing_header) end
