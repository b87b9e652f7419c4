export { chineseConfigurationDoc, configurationDoc, schemaText, untranslated } from "./configuration-doc.ts";
export { withExampleSettings } from "./example-settings.ts";
