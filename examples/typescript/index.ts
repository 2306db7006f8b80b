// Two prediction caches in a TypeScript stack.
import * as inference from "@pulumi/inference-edge";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const endpoint = new pulumi.Config().require("endpoint");
const webKey = new random.RandomPassword("web-key", { length: 40, special: false });

const visionCaches = new inference.InferenceEdge("vision", {
  gatewayUrl: "http://localhost:8000",
  models: [
    {
      model: "digits",
      version: "1",
      endpoint,
      cache: { ttlSeconds: 60 },
      access: { rateLimit: { perSecond: 50 } },
      timeouts: { connectSeconds: 2.5 },
    },
  ],
  consumers: [{ name: "web", key: webKey.result }],
});
const textCaches = new inference.InferenceEdge("text", {
  gatewayUrl: "http://localhost:8000",
  models: [
    {
      model: "words",
      version: "2026-11",
      endpoint: "https://words.example.com/invocations",
      cache: { profile: "embeddings", keyHeaders: ["x-tenant"] },
    },
  ],
  consumers: [{ name: "batch" }],
});

export const vision = visionCaches.models;
export const text = textCaches.models;
export const consumerKeys = { vision: visionCaches.consumerKeys, text: textCaches.consumerKeys };
