import { defineVendor } from '@smmf/client';
import { googleProfile } from './profile.ts';

/** The engine plugin `proxy-google`: Google's Gemini by its OpenAI surface. */
export default defineVendor({ name: 'proxy-google', options: {}, profile: () => googleProfile });
