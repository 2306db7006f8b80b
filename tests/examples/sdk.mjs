// Stands for the SDKs that a TypeScript program imports, and notes what it registers as a YAML program would say it.
export const resources = {};

class Resource {
  constructor(type, name, properties) {
    resources[name] = { type, properties };
    return new Proxy(this, { get: (_, output) => `\${${name}.${output}}` });
  }
}

export class InferenceEdge extends Resource {
  constructor(name, args) {
    super("inference-edge:index:InferenceEdge", name, args);
  }
}

export class RandomPassword extends Resource {
  constructor(name, args) {
    super("random:index:RandomPassword", name, args);
  }
}

export class Config {
  require(key) {
    return `\${${key}}`;
  }
}
